import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from mmfeat.errors import VolumeError
from mmfeat.volumes import ReadingRules, Volume, read_volume
from mmfeat.volumes.extremes import finite_extremes
from mmfeat.volumes.hounsfield import RULES, require_hounsfield, value_notes
from mmfeat.volumes.rescaling import rescaled_by_setting

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
    volume = Volume(hu, np.eye(4), header or {})
    require_hounsfield(WHERE, volume, finite_extremes(WHERE, volume))


MISTAKES: dict[str, tuple[Callable[[Values], Values], str]] = {
    "constant": (lambda hu: hu * 0 - 1000, "all voxels are -1000"),
    "label map": (lambda hu: (hu > -500).astype(np.float32), "2 different values, 0..1: a label"),
    "8 bit": (lambda hu: ((np.clip(hu, -160, 240) + 160) * 0.6375).round(), "an 8-bit picture"),
    "normalised": (lambda hu: np.clip(hu, -1000, 1000) / 1000, "already normalised"),
    "wrapped": (lambda hu: hu % 65536, "negative numbers read as unsigned"),
    "offset": (lambda hu: hu + 1024, "was not applied; set reading.intercept: -1024, or"),
    "rescaled twice": (lambda hu: hu - 1024, "applied twice; set reading.intercept: 1024, or"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_has_its_rule(name: str) -> None:
    spoil, reason = MISTAKES[name]
    with pytest.raises(VolumeError, match=rf"^scan\.nii\.gz: not in Hounsfield units: .*{reason}"):
        _check(spoil(_chest()))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda hu: np.clip(hu, -1024, 3071) + 1024, "set reading.intercept: -1024, or"),
        (lambda hu: hu + 1000, "set reading.intercept: -1024, or"),
        (lambda hu: hu + 8192, "set reading.intercept: -8192, or"),
        (lambda hu: np.where(_corners(hu), 0, hu + 8192), "set reading.intercept: -8192, or"),
        (lambda hu: np.where(_corners(hu), -2000, hu + 1024), "set reading.intercept: -1024, or"),
        (lambda hu: hu * 0.3 + 500, "set reading.intercept, or"),
        (lambda hu: np.clip(hu, -1024, 3071) - 1024, "set reading.intercept: 1024, or"),
        (lambda hu: hu - 8192, "set reading.intercept: 8192, or"),
        (lambda hu: hu / 10 - 3000, "set reading.intercept, or"),
        (lambda hu: hu % 4096, "which no slope or intercept mends"),
        (lambda hu: (np.clip(hu, -1000, 1000) + 1000) / 2000, "2000 and -1000, if these were"),
        (lambda hu: np.clip(hu, -1000, 1000) / 1000, "1000 and 0, if these were"),
        (lambda hu: ((np.clip(hu, -160, 240) + 160) * 0.6375).round(), "1.569 and -160, if 0..255"),
    ],
    ids=[
        *("12 bits", "from zero", "ct-rate", "ct-rate padded", "padded", "scaled"),
        *("twice", "ct-rate twice", "thin", "12 bits wrapped", "0 to 1", "-1 to 1", "8 bits"),
    ],
)
def test_the_setting_that_mends_it_is_named(spoil: Callable[[Values], Values], reason: str) -> None:
    spoilt = spoil(_chest())
    whole = (spoilt == spoilt.round()).all()
    for dtype in (np.float32, np.int16) if whole else (np.float32,):
        with pytest.raises(VolumeError, match=re.escape(reason)):
            _check(spoilt.astype(dtype))


def _corners(hu: Values) -> NDArray[np.bool_]:
    _, height, width = np.indices(hu.shape)
    return (height - 15.5) ** 2 + (width - 15.5) ** 2 > 16**2


def test_a_setting_mends_what_the_file_says_of_its_unit() -> None:
    volume = Volume((_chest() / 2).astype(np.float32), np.eye(4), {"rescale_type": "mgI/ml"})
    with pytest.raises(VolumeError, match=r"set reading\.slope and reading\.intercept"):
        require_hounsfield(WHERE, volume, finite_extremes(WHERE, volume))
    mended = rescaled_by_setting(volume, ReadingRules(slope=2))
    require_hounsfield(WHERE, mended, finite_extremes(WHERE, mended))


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
        lambda hu: np.where(np.indices(hu.shape)[1] < 5, -8192, hu),
        lambda hu: np.where(np.indices(hu.shape)[1] < 5, 30710, hu),
        lambda hu: hu[:, 8:24, 8:14],
        lambda hu: hu[:, 10:20, 15:25],
        lambda hu: hu + 0.25,
    ],
    ids=[
        "chest",
        "clipped",
        "windowed",
        "padded",
        "ct-rate",
        "metal",
        "lung",
        "tissue",
        "fractions",
    ],
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
        hu = read_volume(file).hu.astype(np.float32)
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


@pytest.mark.parametrize(("maximum", "codes"), [(3071.0, ["twelve-bit"]), (3070.0, []), (4e3, [])])
def test_the_end_of_twelve_bits_is_noted(maximum: float, codes: list[str]) -> None:
    assert [note.code for note in value_notes((-1024.0, maximum))] == codes
