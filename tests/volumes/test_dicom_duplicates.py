import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import Dataset

from mmfeat.errors import VolumeError
from mmfeat.volumes import ReadingNote, read_volume

HU = NDArray[np.int16]
Plan = Callable[..., Any]
Compress = Callable[[Path, str], None]


@pytest.mark.parametrize("syntax", [None, "JPEG lossless"])
def test_copies_are_dropped_with_a_note(
    tmp_path: Path, series: Plan, compress: Compress, body_hu: HU, syntax: str | None
) -> None:
    folder = series().write(tmp_path / "scan")
    if syntax is not None:
        compress(folder, syntax)
    shutil.copytree(folder, folder / "again")
    shutil.copy(folder / "003.dcm", folder / "copy of 003.dcm")
    volume = read_volume(folder)
    np.testing.assert_array_equal(volume.hu, body_hu)
    detail = "6 slices were there more than once"
    assert volume.notes == (ReadingNote("duplicates-dropped", detail),)


@pytest.mark.parametrize("keyword", ["RescaleIntercept", "PixelData"])
def test_what_differs_is_no_copy(tmp_path: Path, series: Plan, keyword: str) -> None:
    def edit(dataset: Dataset, index: int) -> None:
        changed = {"RescaleIntercept": -1000, "PixelData": dataset.PixelData[::-1]}
        dataset[keyword].value = changed[keyword]
        dataset.InstanceNumber = 100 - index

    folder = series(uid="1.2.3").write(tmp_path / "scan")
    series(uid="1.2.3", edit=edit).write(folder / "other")
    with pytest.raises(VolumeError, match="are at the same position; keep one copy, or one phase"):
        read_volume(folder)


def test_a_copy_with_damaged_pixels_is_named(tmp_path: Path, series: Plan) -> None:
    folder = series().write(tmp_path / "scan")
    content = (folder / "003.dcm").read_bytes()
    (folder / "100.dcm").write_bytes(content[:-50])
    with pytest.raises(VolumeError, match=r"100\.dcm: truncated or damaged pixels"):
        read_volume(folder)
