from pathlib import Path

import numpy as np
import pytest
import SimpleITK
from numpy.typing import NDArray

from mmfeat.volumes.companions import files_of


@pytest.mark.parametrize(
    ("ending", "names"),
    [
        ("nii.gz", ["scan.nii.gz"]),
        ("hdr", ["scan.hdr", "scan.img"]),
        ("img", ["scan.hdr", "scan.img"]),
        ("img.gz", ["scan.hdr.gz", "scan.img.gz"]),
        ("nrrd", ["scan.nrrd"]),
        ("nhdr", ["scan.nhdr", "scan.raw"]),
        ("mha", ["scan.mha"]),
        ("mhd", ["scan.mhd", "scan.raw"]),
    ],
)
def test_all_files_of_a_volume_are_listed_and_none_but_those(
    tmp_path: Path, body_hu: NDArray[np.int16], ending: str, names: list[str]
) -> None:
    (tmp_path / "other.raw").touch()
    path = tmp_path / f"scan.{ending}"
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(body_hu), str(path))
    assert files_of(path) == [tmp_path / name for name in names]


@pytest.mark.parametrize("name", ["scan.mhd", "scan.nhdr", "scan.img", "scan.dcm"])
@pytest.mark.parametrize("content", [None, b"", b"NRRD0004\n\n", b"ElementDataFile = ../scan.raw"])
def test_a_file_whose_companion_cannot_be_found_is_alone(
    tmp_path: Path, name: str, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert files_of(tmp_path / name) == [tmp_path / name]
