"""Each recipe that is data prepares a scan as its authors' own transforms do."""

from pathlib import Path

import numpy as np
import pytest
import torch
from monai.inferers import sliding_window_inference
from monai.transforms import (
    CenterSpatialCropd,
    Compose,
    CropForegroundd,
    Orientationd,
    Resized,
    ScaleIntensityRanged,
    Spacingd,
    SpatialPadd,
)
from scipy import ndimage

from mmfeat.encoders import encoder_class
from mmfeat.errors import VolumeError
from mmfeat.preprocessing.orientation import reorient
from mmfeat.preprocessing.sampler import NumpySampler
from mmfeat.volumes import Volume, read_volume

from ..preprocessing.orientations import ORIENTATIONS

OF_THE_WINDOW = 1e-3
"""Largest difference to the authors' chain, where the intensity window is 0..1."""
IMAGE = "image"
RAS = Orientationd(IMAGE, "RAS", labels=(("L", "R"), ("P", "A"), ("I", "S")))
CROP = CropForegroundd(IMAGE, source_key=IMAGE, allow_smaller=True)


def _space(*spacing_mm: float) -> Spacingd:
    return Spacingd(IMAGE, spacing_mm, mode="bilinear")


def _scale(low: float, high: float) -> ScaleIntensityRanged:
    return ScaleIntensityRanged(IMAGE, low, high, 0, 1, clip=True)


SUPREM = [RAS, _space(1.5, 1.5, 1.5), _scale(-250, 250), CROP, SpatialPadd(IMAGE, (96, 96, 96))]
CHAINS = {
    # The bundle turns to RAS at its end; the scan given to it is stored so, as ours is turned.
    "vista3d": [
        RAS,
        _space(1.5, 1.5, 1.5),
        CropForegroundd(IMAGE, source_key=IMAGE, margin=10, allow_smaller=True),
        _scale(-963.8247715525971, 1053.678477684517),
        RAS,
    ],
    "suprem-segresnet": SUPREM,
    "suprem-swinunetr": SUPREM,
    "swinunetr-ssl": [
        RAS,
        _scale(-1000, 1000),
        SpatialPadd(IMAGE, (96, 96, 96)),
        CropForegroundd(IMAGE, source_key=IMAGE, k_divisible=(96, 96, 96), allow_smaller=True),
    ],
    "voco-b": [
        RAS,
        _space(1.25, 1.25, 5.0),
        _scale(-1000, 500),
        CROP,
        SpatialPadd(IMAGE, (64, 64, 64)),
    ],
}
VOCO_ABDOMEN = [
    RAS,
    _space(1.5, 1.5, 1.5),
    _scale(-175, 250),
    CROP,
    SpatialPadd(IMAGE, (64, 64, 64)),
]
VOCO = {
    "abdomen": VOCO_ABDOMEN,
    "head": [
        *VOCO_ABDOMEN,
        Resized(IMAGE, mode="bilinear", align_corners=True, spatial_size=(192, 192, 64)),
    ],
}
"""Of VoCo's other parts of the body: as in its code for pretraining, before what is random."""
WHOLE = {
    "chest": [
        RAS,
        CropForegroundd(IMAGE, source_key=IMAGE, select_fn=lambda x: x > -1000),
        Resized(IMAGE, (224, 224, 160)),
        _scale(-1000, 200),
    ],
    "abdomen": [
        RAS,
        _space(1.5, 1.5, 3.0),
        _scale(-1000, 1000),
        SpatialPadd(IMAGE, (224, 224, 160)),
        CenterSpatialCropd(IMAGE, (224, 224, 160)),
    ],
}


@pytest.fixture(params=["made", "thick slices", "real"])
def scan(request, make_scan) -> Volume:
    if request.param == "made":
        return make_scan((44, 130, 120), (2.5, 1.9, 1.8))
    if request.param == "thick slices":
        return make_scan((14, 61, 72), (7.0, 2.1, 2.1), turn_deg=5)
    folder: Path = request.getfixturevalue("shared_data")
    return read_volume(folder / "ct_nifti" / "totalseg_chest_pulm_crop_1p5mm_LPS.nii.gz")


def prepare(name: str, volume: Volume, **options) -> np.ndarray:
    kind = encoder_class(name)
    defaults = {key: option.default for key, option in kind.options.items()}
    return kind.preparation_of(defaults | options).prepare(volume, NumpySampler())


def inference_windows(image: torch.Tensor, size, overlap=0.0) -> np.ndarray:
    """Return what MONAI's sliding_window_inference would show a network."""
    seen: list[torch.Tensor] = []

    def network(window: torch.Tensor) -> torch.Tensor:
        seen.append(window.clone())
        return window.clone()

    sliding_window_inference(image[None], size, 1, network, overlap=overlap)
    return torch.cat(seen).numpy()


@pytest.mark.parametrize("name", CHAINS)
def test_windows_are_those_of_the_authors_chain_and_inference(name, scan, as_monai):
    image = Compose(CHAINS[name])({IMAGE: as_monai(scan)})[IMAGE].as_tensor()
    ours = prepare(name, scan)
    theirs = inference_windows(image, ours.shape[2:])
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, atol=OF_THE_WINDOW)


def test_windows_that_overlap_are_those_of_the_authors_inference(make_scan, as_monai):
    scan = make_scan((44, 130, 120), (2.5, 1.9, 1.8))
    image = Compose(CHAINS["voco-b"])({IMAGE: as_monai(scan)})[IMAGE].as_tensor()
    ours = prepare("voco-b", scan, overlap=0.5)
    theirs = inference_windows(image, (64, 64, 64), overlap=0.5)
    assert ours.shape == theirs.shape
    assert len(ours) > len(prepare("voco-b", scan))
    np.testing.assert_allclose(ours, theirs, atol=OF_THE_WINDOW)


@pytest.mark.parametrize("region", VOCO)
def test_vocos_windows_of_other_parts_are_those_of_the_authors_chain(region, scan, as_monai):
    image = Compose(VOCO[region])({IMAGE: as_monai(scan)})[IMAGE].as_tensor()
    ours = prepare("voco-b", scan, region=region)
    theirs = inference_windows(image, (64, 64, 64))
    assert ours.shape == theirs.shape
    assert len(ours) > 1
    np.testing.assert_allclose(ours, theirs, atol=OF_THE_WINDOW)


def test_the_head_is_seen_in_the_nine_windows_that_vocos_authors_cut(scan):
    assert prepare("voco-b", scan, region="head").shape == (9, 1, 64, 64, 64)


@pytest.mark.parametrize("region", WHOLE)
def test_astras_window_is_that_of_the_authors_chain(region, scan, as_monai):
    theirs = Compose(WHOLE[region])({IMAGE: as_monai(scan)})[IMAGE].as_tensor()[None].numpy()
    ours = prepare("astra", scan, region=region)
    assert ours.shape == theirs.shape == (1, 1, 224, 224, 160)
    np.testing.assert_allclose(ours, theirs, atol=OF_THE_WINDOW)


def test_medicalnets_window_is_that_of_the_authors_code_but_for_what_was_zero(scan):
    array = reorient(scan, "SPL").hu.astype(np.float32)
    size = (56, 448, 448)
    factors = [wanted / n for wanted, n in zip(size, array.shape, strict=True)]
    zoomed = ndimage.zoom(array, factors, order=0, mode="nearest")
    dense = zoomed[zoomed > 0]
    theirs = (zoomed - dense.mean(dtype=np.float64)) / dense.std(dtype=np.float64)
    kept = prepare("medicalnet-18", scan, zeros="kept")[0, 0]
    noise = prepare("medicalnet-18", scan)[0, 0]
    assert kept.shape == size
    np.testing.assert_allclose(kept, theirs, atol=OF_THE_WINDOW)
    zeros = zoomed == 0
    np.testing.assert_array_equal(noise[~zeros], kept[~zeros])
    assert zeros.sum() > 1000
    assert abs(noise[zeros].mean()) < 0.1
    assert noise[zeros].std() == pytest.approx(1, abs=0.1)
    np.testing.assert_array_equal(noise, prepare("medicalnet-18", scan)[0, 0])


def test_the_control_sees_what_ct_fm_sees(scan):
    np.testing.assert_array_equal(prepare("random-segresnet", scan), prepare("ct-fm", scan))


@pytest.mark.parametrize("name", ["astra", "vista3d", "swinunetr-ssl", "voco-b", "medicalnet-50"])
def test_the_order_of_the_axes_in_the_file_changes_nothing(name, make_scan):
    scan = make_scan((12, 21, 26), (5.0, 4.1, 3.9))
    shrink = encoder_class(name).model.test_shrink
    expected = prepare(name, scan, shrink=shrink)
    for axes in ORIENTATIONS[::5]:
        turned = prepare(name, reorient(scan, axes), shrink=shrink)
        np.testing.assert_allclose(turned, expected, atol=2e-5, err_msg=axes)


@pytest.mark.parametrize(
    ("name", "hu", "message"),
    [
        ("vista3d", 0.0, "nothing is above 0 HU, and this encoder crops to what is; use another"),
        ("voco-b", -1000.0, "nothing is above -1000 HU"),
        ("astra", -1000.0, "nothing is above -1000 HU"),
        ("swinunetr-ssl", -1024.0, "nothing is above -1000 HU"),
        ("medicalnet-10", 40.0, "nothing varies above 0 HU, and this encoder standardises by"),
        ("medicalnet-10", -5.0, "nothing varies above 0 HU"),
    ],
)
def test_a_scan_without_what_a_recipe_works_with_is_refused(name, hu, message):
    with pytest.raises(VolumeError, match=message):
        prepare(name, Volume(np.full((8, 9, 10), hu, np.float32), np.eye(4)))
