from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from mmfeat.errors import VolumeError
from mmfeat.volumes import Volume, read_volume
from mmfeat.volumes.hounsfield import RULES, finite_extremes, require_hounsfield

Values = NDArray[np.float32]
WHERE = Path("scan.nii.gz")


def _chest() -> Values:
    """Air, lung, soft tissue and bone with noise: ``(16, 32, 32)``."""
    hu = np.full((16, 32, 32), -1000.0)
    hu[:, 4:28, 4:28] = 40
    hu[:, 8:24, 8:14] = -850
    hu[:, 24:26, 14:18] = 900
    return (hu + np.random.default_rng(1).normal(0, 40, hu.shape)).round().astype(np.float32)


def _check(hu: NDArray[np.floating], header: dict[str, str] | None = None) -> None:
    volume = Volume(hu.astype(np.float32), np.eye(4), header or {})
    require_hounsfield(WHERE, volume, finite_extremes(WHERE, volume))


MISTAKES: dict[str, tuple[Callable[[Values], Values], str]] = {
    "constant": (lambda hu: hu * 0 - 1000, "all voxels are -1000"),
    "label map": (lambda hu: (hu > -500).astype(np.float32), "2 different values, 0..1: a label"),
    "8 bit": (lambda hu: ((np.clip(hu, -160, 240) + 160) * 0.6375).round(), "an 8-bit picture"),
    "normalised": (lambda hu: np.clip(hu, -1000, 1000) / 1000, "already normalised"),
    "wrapped": (lambda hu: hu % 65536, "negative numbers read as unsigned"),
    "offset": (lambda hu: hu + 1024, "rescale intercept .* was not applied"),
    "rescaled twice": (lambda hu: hu - 1024, "rescale intercept was applied twice"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_has_its_rule(name: str) -> None:
    spoil, reason = MISTAKES[name]
    with pytest.raises(VolumeError, match=rf"^scan\.nii\.gz: not in Hounsfield units: .*{reason}"):
        _check(spoil(_chest()))


def test_padding_alone_is_no_body() -> None:
    with pytest.raises(VolumeError, match="rescale intercept was applied twice"):
        _check(_chest() / 10 - 3000)


def test_every_rule_is_tried() -> None:
    assert set(RULES) == set(MISTAKES) | {"other unit"}


@pytest.mark.parametrize(
    "harmless",
    [
        lambda hu: hu,
        lambda hu: np.clip(hu, -1024, 3071),
        lambda hu: np.clip(hu, -160, 240),
        lambda hu: np.where(np.indices(hu.shape)[1] < 5, -3024, hu),
        lambda hu: np.where(np.indices(hu.shape)[1] < 5, 30710, hu),
        lambda hu: hu[:, 8:24, 8:14],
        lambda hu: hu[:, 10:20, 15:25],
        lambda hu: hu + 0.25,
    ],
    ids=["chest", "clipped", "windowed", "padded", "metal", "lung", "tissue", "fractions"],
)
def test_what_scanners_and_cropping_do_is_no_mistake(harmless: Callable[[Values], Values]) -> None:
    _check(harmless(_chest()))


@pytest.mark.parametrize(("unit", "passes"), [("HU", True), ("US", True), ("mgI/ml", False)])
def test_the_files_own_unit_counts(unit: str, *, passes: bool) -> None:
    header = {"rescale_type": unit}
    if passes:
        _check(_chest(), header)
    else:
        with pytest.raises(VolumeError, match="its RescaleType is mgI/ml"):
            _check(_chest(), header)


def test_real_volumes_with_a_mistake_are_refused(shared_data: Path) -> None:
    files = sorted((shared_data / "lidc_mini" / "volumes").glob("*.nii.gz"))[::8]
    files += sorted((shared_data / "ct_nifti").glob("*.nii.gz"))
    for file in files:
        hu = read_volume(file).hu
        for name in ("constant", "label map", "8 bit", "normalised", "wrapped", "offset"):
            with pytest.raises(VolumeError, match="not in Hounsfield units"):
                _check(MISTAKES[name][0](hu))


@settings(max_examples=50, deadline=None)
@given(arrays(np.float32, (3, 4, 5), elements=st.floats(width=32)))
def test_any_values_pass_or_are_refused_in_one_line(hu: Values) -> None:
    try:
        _check(hu)
    except VolumeError as error:
        assert str(error).startswith("scan.nii.gz: ")  # noqa: PT017 - either outcome is right
    else:
        assert np.isfinite(hu).all()
        assert hu.min() < 0


def test_voxels_without_a_value_are_counted() -> None:
    hu = _chest()
    hu[0, 0, :3] = [np.nan, np.inf, -np.inf]
    with pytest.raises(VolumeError, match="3 voxels are NaN or infinite"):
        finite_extremes(WHERE, Volume(hu, np.eye(4)))
