from pathlib import Path

import pytest

from mmfeat.errors import VolumeError
from mmfeat.volumes.detached import detached_file


@pytest.fixture
def header(tmp_path: Path) -> Path:
    folder = tmp_path / "scans"
    folder.mkdir()
    (tmp_path / "secret.raw").write_bytes(b"secret")
    (folder / "scan.raw").write_bytes(b"voxels")
    (folder / "linked.raw").symlink_to(tmp_path / "secret.raw")
    return folder / "scan.mhd"


@pytest.mark.parametrize("name", ["scan.raw", "./scan.raw", "linked.raw"])
def test_a_file_beside_the_header_is_found(header: Path, name: str) -> None:
    assert detached_file(header, name) == header.with_name(name.removeprefix("./"))


@pytest.mark.parametrize(
    "name",
    [
        *("../secret.raw", "/etc/passwd", "..", ".", "", "./", "sub/scan.raw", "././scan.raw"),
        *("..\\secret.raw", "C:\\scan.raw", "C:scan.raw", "\\\\server\\share\\scan.raw"),
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(header: Path, name: str) -> None:
    with pytest.raises(VolumeError, match="not in its own folder"):
        detached_file(header, name)


@pytest.mark.parametrize("name", ["gone.raw", "a\0b", "two\nlines"])
def test_a_file_that_is_not_there_is_named_in_one_line(header: Path, name: str) -> None:
    with pytest.raises(VolumeError, match="is not beside it; copy both") as caught:
        detached_file(header, name)
    assert len(str(caught.value).splitlines()) == 1


def test_a_folder_is_no_file_of_voxels(header: Path) -> None:
    header.with_name("scan.zraw").mkdir()
    with pytest.raises(VolumeError, match="is not beside it"):
        detached_file(header, "scan.zraw")
