from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import Dataset

from mmfeat.errors import VolumeError
from mmfeat.volumes import ReadingRules, read_volume

HU = NDArray[np.int16]
Plan = Callable[..., Any]
Values = Callable[[int, int], Any]


@pytest.fixture
def write_phases(tmp_path: Path, series: Plan, body_hu: HU) -> Callable[..., Path]:
    """Write several phases into one series: each keyword gets its value by phase and slice."""

    def write(n_phases: int, lengths: tuple[int, ...] = (5, 5, 5), **keywords: Values) -> Path:
        def edit(dataset: Dataset, index: int, phase: int) -> None:
            for keyword, value in keywords.items():
                setattr(dataset, keyword, value(phase, index))

        for phase in range(n_phases):
            series(
                uid="1.2.3",
                hu=body_hu[: lengths[phase]] + np.int16(phase),
                edit=lambda dataset, index, phase=phase: edit(dataset, index, phase),
            ).write(tmp_path / "scan" / f"{phase}")
        return tmp_path / "scan"

    return write


@pytest.mark.parametrize(
    "keywords",
    [
        {"AcquisitionNumber": lambda phase, index: phase + 1},
        {"TemporalPositionIdentifier": lambda phase, index: phase + 1},
        {"TriggerTime": lambda phase, index: 100.0 * phase},
        {"ImageType": lambda phase, index: ["ORIGINAL", "PRIMARY", "AXIAL", f"T{phase}"]},
        {"ConvolutionKernel": lambda phase, index: f"B{phase}0"},
        {"AcquisitionTime": lambda phase, index: f"10{phase:02d}{index:02d}.5"},
        {"ContentTime": lambda phase, index: f"10{phase:02d}{index:02d}"},
        {"InstanceNumber": lambda phase, index: 5 * phase + index + 1},
        {  # which numbers rotations, and says nothing of phases
            "AcquisitionNumber": lambda phase, index: 5 * phase + index,
            "TemporalPositionIdentifier": lambda phase, index: phase + 1,
        },
    ],
    ids=" and ".join,
)
def test_phases_compete_as_series_do(
    write_phases: Callable[..., Path], keywords: dict[str, Values]
) -> None:
    folder = write_phases(3, **keywords)
    with pytest.raises(VolumeError, match="3 CT series to choose from, and nothing that decides"):
        read_volume(folder)


def test_a_rule_may_choose_among_phases(write_phases: Callable[..., Path], body_hu: HU) -> None:
    folder = write_phases(3, ConvolutionKernel=lambda phase, index: f"B{phase}0")
    volume = read_volume(folder, ReadingRules(prefer=("kernel",), kernels=("B10",)))
    np.testing.assert_array_equal(volume.hu, body_hu + 1)


def test_the_longest_phase_is_taken(write_phases: Callable[..., Path], body_hu: HU) -> None:
    folder = write_phases(2, lengths=(4, 5), AcquisitionNumber=lambda phase, index: phase)
    volume = read_volume(folder)
    np.testing.assert_array_equal(volume.hu, body_hu + 1)
    assert "of 2 series more than a few slices: 5 slices" in volume.notes[0].detail


def test_phases_of_kernels_are_split_by_both(tmp_path: Path, series: Plan, body_hu: HU) -> None:
    for number, (phase, kernel) in enumerate([(1, "A"), (1, "B"), (2, "A"), (2, "B")]):

        def edit(dataset: Dataset, index: int, phase: int = phase, kernel: str = kernel) -> None:
            dataset.AcquisitionNumber, dataset.ConvolutionKernel = phase, kernel

        plan = series(uid="1.2.3", hu=body_hu + np.int16(number), edit=edit)
        plan.write(tmp_path / "scan" / f"{number}")
    with pytest.raises(VolumeError, match="2 of 4 CT series to choose from"):
        read_volume(tmp_path / "scan", ReadingRules(prefer=("kernel",), kernels=("B",)))


def test_phases_that_nothing_tells_apart_are_refused(write_phases: Callable[..., Path]) -> None:
    folder = write_phases(2, InstanceNumber=lambda phase, index: 1)
    with pytest.raises(VolumeError, match=r"0/000\.dcm and 1/000\.dcm are at the same position"):
        read_volume(folder)


def test_a_monitoring_series_at_one_position_is_no_volume(tmp_path: Path, series: Plan) -> None:
    def edit(dataset: Dataset, index: int) -> None:
        dataset.ImagePositionPatient = [0, 0, 0]
        dataset.AcquisitionNumber = index

    folder = series(edit=edit).write(tmp_path / "scan")
    with pytest.raises(VolumeError, match="all 5 slices at one position, so they are no volume"):
        read_volume(folder)
