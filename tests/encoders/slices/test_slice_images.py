"""Slices as images: where they lie, which way is up, what fills the square, and their values."""

import dataclasses

import numpy as np
import pytest
import torch
from monai.transforms import Orientation, ScaleIntensityRange
from PIL import Image
from scipy.ndimage import map_coordinates

from mmfeat.encoders.slices.slice_images import SliceImages
from mmfeat.encoders.slices.slice_windows import PRESETS
from mmfeat.errors import VolumeError
from mmfeat.preprocessing.orientation import reorient
from mmfeat.preprocessing.sampler import NumpySampler
from mmfeat.volumes import Volume, read_volume

WIDE = {"wide": (-1000.0, 1000.0)}
AXIAL = SliceImages(
    planes=("axial",),
    slice_spacing_mm=5.0,
    max_slices=64,
    pixels=32,
    fit="whole",
    n_channels=1,
    windows_hu=WIDE,
    mean=(0.0,),
    deviation=(1.0,),
)
ALL = dataclasses.replace(AXIAL, planes=("axial", "coronal", "sagittal"))


def prepare(images: SliceImages, volume: Volume, **changes) -> np.ndarray:
    return dataclasses.replace(images, **changes).prepare(volume, NumpySampler())


def spl(hu: np.ndarray, spacing_mm=(5.0, 2.0, 2.0)) -> Volume:
    """A scan whose axes point up, to the back and to the left."""
    affine = np.zeros((4, 4))
    affine[2, 0], affine[1, 1], affine[0, 2] = np.multiply(spacing_mm, (1, -1, -1))
    affine[3, 3] = 1
    return Volume(np.asarray(hu, np.float32), affine)


def with_a_mark() -> Volume:
    """Air with bone in the highest, foremost, rightmost eighth."""
    hu = np.full((32, 32, 32), -1000.0)
    hu[16:, :16, :16] = 1000
    return spl(hu, (2.0, 2.0, 2.0))


@pytest.mark.parametrize(
    ("plane", "first_marked"),
    [
        ("axial", 16),  # from the feet up; front up, right on the left
        ("coronal", 0),  # from the front; head up, right on the left
        ("sagittal", 0),  # from the right; head up, front on the left
    ],
)
def test_each_plane_has_its_own_way_up(plane, first_marked):
    images = prepare(AXIAL, with_a_mark(), planes=(plane,), slice_spacing_mm=2.0)
    expected = np.zeros((32, 1, 32, 32), bool)
    expected[first_marked : first_marked + 16, :, :16, :16] = True
    np.testing.assert_array_equal(images > 0.5, expected)


def test_with_three_planes_a_window_holds_one_slice_of_each():
    volume = with_a_mark()
    together = prepare(
        ALL, volume, slice_spacing_mm=4.0, n_channels=3, mean=(0.5,) * 3, deviation=(0.2, 0.3, 0.4)
    )
    assert together.shape == (16, 9, 32, 32)
    for place, plane in enumerate(ALL.planes):
        alone = prepare(
            ALL,
            volume,
            slice_spacing_mm=4.0,
            n_channels=3,
            mean=(0.5,) * 3,
            deviation=(0.2, 0.3, 0.4),
            planes=(plane,),
        )
        np.testing.assert_array_equal(together[:, 3 * place : 3 * place + 3], alone)


def test_all_planes_have_as_many_slices_as_the_longest_side_needs():
    ramp = np.broadcast_to(np.arange(10.0)[:, None, None] * 100 - 450, (10, 20, 40))
    images = prepare(ALL, spl(ramp, (3.0, 2.0, 2.0)), slice_spacing_mm=4.0)  # 30, 40 and 80 mm
    assert len(images) == 20
    axial = images[:, 0, 16, 16] * 2000 - 1000
    assert axial[0] == pytest.approx(-450, abs=1)  # 20 slices over 30 mm: 1.5 mm apart, and the
    assert axial[-1] == pytest.approx(450, abs=1)  # edge goes on
    np.testing.assert_allclose(np.diff(axial[1:-1]), 50, atol=0.1)
    assert len(prepare(ALL, spl(ramp, (3.0, 2.0, 2.0)), max_slices=7)) == 7


def test_how_a_slice_fills_the_square():
    hu = np.full((4, 16, 32), 0.0)
    hu[:, :, 8:24] = 500  # the middle half of the longer side
    volume = spl(hu)
    whole, crop, stretch = (
        prepare(AXIAL, volume, fit=fit)[0, 0] for fit in ("whole", "crop", "stretch")
    )
    np.testing.assert_array_equal(whole[:8], 0)  # air
    np.testing.assert_array_equal(whole[24:], 0)
    np.testing.assert_allclose(whole[8:24, 10:22], 0.75)
    np.testing.assert_allclose(whole[8:24, :7], 0.5)
    np.testing.assert_allclose(crop[:, 1:-1], 0.75)  # the square about the centre
    np.testing.assert_allclose(stretch[:, 9:23], 0.75)
    np.testing.assert_allclose(stretch[:, :7], 0.5)


def test_the_body_alone_is_shown_where_that_is_asked_for():
    hu = np.full((12, 40, 60), -1000.0)
    hu[2:10, 10:30, 40:60] = 0
    images = prepare(AXIAL, spl(hu), fit="body")
    np.testing.assert_allclose(images, 0.5)
    assert len(images) == 8
    with pytest.raises(VolumeError, match="nothing is above -500 HU"):
        prepare(AXIAL, spl(np.full((4, 8, 8), -1000.0)), fit="body")


def test_one_window_is_repeated_and_each_channel_has_its_own_mean_and_deviation():
    images = prepare(
        AXIAL, spl(np.zeros((4, 8, 8))), n_channels=3, mean=(0.5, 0.4, 0.3), deviation=(1, 0.5, 0.2)
    )
    np.testing.assert_allclose(images[0, :, 16, 16], [0, 0.2, 1], atol=1e-6)


def test_standardised_slices_have_mean_0_and_deviation_1_each_and_nothing_below_air():
    generator = np.random.default_rng(0)
    hu = generator.normal(-900, 300, (4, 32, 32)) * np.array([1, 0.5, 2, 0])[:, None, None]
    volume = spl(hu)
    images = prepare(AXIAL, volume, windows_hu=None, mean=(), deviation=(), fit="stretch")
    clipped = torch.from_numpy(np.maximum(volume.hu, -1000))
    for image, plane in zip(images[:3, 0], clipped[:3], strict=True):
        expected = (plane - plane.mean()) / plane.std()  # as Curia's own processor
        np.testing.assert_allclose(image, expected, atol=1e-5)
    np.testing.assert_array_equal(images[3], 0)  # of one value


def test_the_chain_re_expressed_with_monai_scipy_and_pillow_on_a_real_scan(shared_data, as_monai):
    """Orientation and windows by MONAI, places of slices and pixels worked out here, rows turned
    into an image and back by Pillow; no voxel is averaged, as images are finer than the scan."""
    volume = read_volume(shared_data / "ct_nifti" / "totalseg_abdomen_sm_3mm.nii.gz")
    medsiglip = dataclasses.replace(
        AXIAL,
        windows_hu=PRESETS["medsiglip"],
        n_channels=3,
        mean=(0.5,) * 3,
        deviation=(0.5,) * 3,
        slice_spacing_mm=4.0,
        pixels=160,
    )
    ours = prepare(medsiglip, volume)
    turned = Orientation("SPL", labels=None)(as_monai(volume))
    hu = np.asarray(turned)[0]
    spacing_mm = reorient(volume, "SPL").spacing_mm
    depth_mm, height_mm, width_mm = np.multiply(hu.shape, spacing_mm)
    pixel_mm = max(height_mm, width_mm) / 160
    counts = [int(depth_mm / 4 + 1e-3), *(int(n / pixel_mm + 1e-3) for n in (height_mm, width_mm))]
    places = [
        (n - 1) / 2 + step / mm * (np.arange(count) - (count - 1) / 2)
        for n, mm, step, count in zip(
            hu.shape, spacing_mm, (4.0, pixel_mm, pixel_mm), counts, strict=True
        )
    ]
    sampled = map_coordinates(hu, np.meshgrid(*places, indexing="ij"), order=1, mode="nearest")
    assert len(ours) == counts[0]
    for number in (0, len(ours) // 2, len(ours) - 1):
        canvas = Image.new("F", (160, 160), -1024.0)
        corner = ((160 - counts[2]) // 2, (160 - counts[1]) // 2)
        canvas.paste(Image.fromarray(sampled[number].astype(np.float32)), corner)
        for channel, (low, high) in enumerate(PRESETS["medsiglip"].values()):
            scaled = ScaleIntensityRange(low, high, 0, 1, clip=True)(np.array(canvas))
            expected = (np.asarray(scaled) - 0.5) / 0.5
            np.testing.assert_allclose(ours[number, channel], expected, atol=2e-3)


def test_the_steps_say_all_that_was_chosen():
    steps = ALL.steps()
    assert steps[0] == {"orient": {"axial": "SPL", "coronal": "PIL", "sagittal": "LIP"}}
    for change in (
        {"planes": ("axial",)},
        {"slice_spacing_mm": 4.0},
        {"max_slices": 9},
        {"pixels": 48},
        {"fit": "crop"},
        {"n_channels": 3},
        {"windows_hu": {"narrow": (0.0, 80.0)}},
        {"windows_hu": None},
        {"mean": (0.5,)},
        {"deviation": (0.5,)},
    ):
        assert dataclasses.replace(ALL, **change).steps() != steps
