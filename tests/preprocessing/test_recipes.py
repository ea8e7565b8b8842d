"""However a volume lies in its file, an encoder is given the same tensor, and the one of MONAI."""

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from monai.data import MetaTensor
from monai.inferers import SlidingWindowSplitter
from monai.transforms import (
    CenterSpatialCropd,
    Compose,
    CropForegroundd,
    Orientationd,
    ScaleIntensityRanged,
    Spacingd,
    SpatialPadd,
)
from scipy.spatial.transform import Rotation

from mmfeat import encoders
from mmfeat.encoders import recipe_encoder
from mmfeat.encoders.contract import Windows
from mmfeat.encoders.slices import slices_lite0
from mmfeat.encoders.slices.slices_lite0 import SlicesLite0
from mmfeat.errors import VolumeError
from mmfeat.preprocessing.device_sampler import DeviceSampler
from mmfeat.volumes import Volume, read_volume

from .orientations import ORIENTATIONS, stored_as

OF_THE_WINDOW = 1e-5
"""Largest difference, where the intensity window is 0..1; asked for is a thousandth."""


def _ct_fm(file, **options):
    return encoders.create("ct-fm", weights=file, options=options)


RECIPES = {
    "merlin": lambda file: encoders.create("merlin", weights=file),
    "ct-fm repo": lambda file: _ct_fm(file, recipe="repo"),
    "ct-fm repo, overlapping": lambda file: _ct_fm(file, recipe="repo", overlap=0.625),
    "ct-fm card": lambda file: _ct_fm(file, recipe="card"),
    "slices-lite0": lambda file: SlicesLite0(),
}
BODY_AXES = {"labels": (("L", "R"), ("P", "A"), ("I", "S"))}
CHAINS = {
    "merlin": Compose(
        [
            Orientationd("image", "RAS", **BODY_AXES),
            Spacingd("image", (1.5, 1.5, 3.0), mode="bilinear"),
            ScaleIntensityRanged("image", -1000, 1000, 0, 1, clip=True),
            SpatialPadd("image", (224, 224, 160)),
            CenterSpatialCropd("image", (224, 224, 160)),
        ]
    ),
    "ct-fm repo": Compose(
        [
            Orientationd("image", "SPL", **BODY_AXES),
            Spacingd("image", (3.0, 1.0, 1.0), mode="bilinear"),
            CropForegroundd("image", source_key="image", allow_smaller=False),
            ScaleIntensityRanged("image", -1024, 2048, 0, 1, clip=True),
        ]
    ),
}
STRAIGHT = [(axes, (0, 0, 0)) for axes in ORIENTATIONS]
OBLIQUE = [(axes, (25, -14, 33)) for axes in ORIENTATIONS[::7]]
"""A few: in any order of axes the same numbers lie, as those of straight scans show."""
DEGREES = st.sampled_from([0.0, 1e-4, 3.0, 17.0, -30.0])


@pytest.fixture(scope="module")
def make_encoder(tmp_path_factory):
    """A function that makes an encoder; it is never loaded, since preparing takes no weights."""
    file = tmp_path_factory.mktemp("weights") / "not-read"
    file.write_bytes(b"digested only")
    return lambda recipe: RECIPES[recipe](file)


@pytest.fixture(scope="module")
def real_crop(shared_data):
    """The middle of a real chest; its axes differ in size, and none ends on half a new voxel."""
    volume = read_volume(shared_data / "ct_nifti" / "totalseg_chest_pulm_crop_1p5mm_LPS.nii.gz")
    start = np.array(volume.hu.shape) // 2 - (20, 30, 35)
    affine = volume.affine.copy()
    affine[:3, 3] += affine[:3, :3] @ start
    box = tuple(slice(a, a + n) for a, n in zip(start, (41, 61, 71), strict=True))
    return Volume(volume.hu[box], affine)


def prepared(encoder, volume: Volume) -> Windows | None:
    """What the encoder is given, or None when it refuses a volume without foreground."""
    try:
        return encoder.prepare(volume)
    except VolumeError:
        return None


@pytest.mark.parametrize("recipe", RECIPES)
@settings(max_examples=40, deadline=None)
@given(
    shape=st.tuples(*[st.integers(1, 40)] * 3),
    spacing_mm=st.tuples(*[st.sampled_from([0.4, 0.75, 1.0, 1.5, 2.3, 5.0])] * 3),
    turn_deg=st.tuples(DEGREES, DEGREES, DEGREES),
    gantry_tilt_deg=DEGREES,
    axes=st.sampled_from(ORIENTATIONS),
    kind=st.sampled_from([np.int16, np.float32]),
)
def test_any_orientation_of_a_volume_gives_the_same_tensor(
    make_encoder, make_volume, recipe, shape, spacing_mm, turn_deg, gantry_tilt_deg, axes, kind
):
    encoder = make_encoder(recipe)
    volume = make_volume(shape, spacing_mm, turn_deg=turn_deg, gantry_tilt_deg=gantry_tilt_deg)
    expected = prepared(encoder, volume)
    other = stored_as(volume, axes)
    ours = prepared(encoder, dataclasses.replace(other, hu=other.hu.astype(kind)))
    if expected is None:
        assert ours is None
        return
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, expected, atol=OF_THE_WINDOW * max(np.ptp(expected), 1))


@pytest.fixture
def on_device(monkeypatch):
    """Have encoders prepare as on a GPU, on a torch device that is always there."""
    for module in (recipe_encoder, slices_lite0):
        monkeypatch.setattr(
            module, "sampler_for", lambda *chosen: DeviceSampler(torch.device("cpu"))
        )


@pytest.mark.parametrize(("axes", "turn_deg"), [*STRAIGHT, *OBLIQUE])
@pytest.mark.parametrize("recipe", CHAINS)
def test_a_real_scan_in_any_orientation_gives_the_tensor_of_monais_chain(
    make_encoder, real_crop, as_monai, recipe, axes, turn_deg
):
    volume = _turned(stored_as(real_crop, axes), turn_deg)
    ours = make_encoder(recipe).prepare(volume)
    np.testing.assert_allclose(ours, _by_monai(recipe, as_monai(volume)), atol=OF_THE_WINDOW)


@pytest.mark.usefixtures("on_device")
@pytest.mark.parametrize("turn_deg", [(0, 0, 0), (25, -14, 33)])
@pytest.mark.parametrize("axes", ORIENTATIONS[::5])
@pytest.mark.parametrize("recipe", CHAINS)
def test_a_torch_device_gives_the_tensor_of_monais_chain(
    make_encoder, real_crop, as_monai, recipe, axes, turn_deg
):
    volume = _turned(stored_as(real_crop, axes), turn_deg)
    ours = make_encoder(recipe).prepare(volume)
    np.testing.assert_allclose(ours, _by_monai(recipe, as_monai(volume)), atol=OF_THE_WINDOW)


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_torch_device_gives_the_tensor_of_numpy(make_encoder, real_crop, request, recipe):
    expected = make_encoder(recipe).prepare(real_crop)
    request.getfixturevalue("on_device")
    ours = make_encoder(recipe).prepare(real_crop)
    np.testing.assert_allclose(ours, expected, atol=1e-6 * np.ptp(expected))


def _by_monai(recipe: str, image: MetaTensor) -> np.ndarray:
    theirs = CHAINS[recipe]({"image": image})["image"].as_tensor()[None]
    if recipe == "ct-fm repo":
        windows = SlidingWindowSplitter((24, 128, 128), 0.0)(theirs)
        theirs = torch.cat([window for window, _ in windows])
    return theirs.numpy()


def _turned(volume: Volume, turn_deg: tuple[float, float, float]) -> Volume:
    affine = volume.affine.copy()
    affine[:3] = Rotation.from_euler("xyz", turn_deg, degrees=True).apply(affine[:3].T).T
    return dataclasses.replace(volume, affine=affine)
