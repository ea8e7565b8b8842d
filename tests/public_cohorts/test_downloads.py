"""Files of a download, found by patterns."""

import pytest

from mmfeat.errors import CohortError
from mmfeat.public_cohorts.downloads import find_all, find_one, find_optional, walk_download


@pytest.fixture
def download(tmp_path):
    for name in ("nlst_780_prsn.csv", "nlst_780_canc.csv", "tables/extra.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def test_the_first_pattern_that_something_answers_to_counts(download):
    found = find_one(download, ["prsn.csv", "*_prsn.csv", "*.csv"], what="participants")
    assert found == download / "nlst_780_prsn.csv"
    assert find_all(download, ["*.json", "*.csv"]) == sorted(download.glob("*.csv"))
    assert find_all(download, ["*.json"]) == []


def test_what_is_not_there_is_told_with_what_was_looked_for_and_what_is_there(download):
    with pytest.raises(CohortError, match=r"holds no screens \(`s\*\.csv`\); there are nlst"):
        find_one(download, ["s*.csv"], what="screens")
    (download / "empty").mkdir()
    with pytest.raises(CohortError, match="the folder is empty"):
        find_one(download / "empty", ["*.csv"], what="screens")


def test_several_are_refused_with_their_names(download):
    with pytest.raises(CohortError, match=r"2 times \(nlst_780_canc\.csv, nlst_780_prsn\.csv\)"):
        find_one(download, ["*.csv"], what="the table")


def test_an_optional_file_may_be_absent_but_not_double(download):
    assert find_optional(download, ["*.json"], what="the list") is None
    assert find_optional(download, ["tables/*.csv"], what="more") == download / "tables/extra.csv"
    with pytest.raises(CohortError, match="keep one of them"):
        find_optional(download, ["*.csv"], what="the table")


def test_a_folder_that_is_not_there_or_is_a_file_is_refused(download):
    with pytest.raises(CohortError, match="none: no such folder"):
        find_all(download / "none", ["*"])
    with pytest.raises(CohortError, match="is a file; name the folder"):
        find_one(download / "nlst_780_prsn.csv", ["*"], what="tables")


def test_links_to_folders_are_followed_and_a_folder_that_is_reached_twice_counts_once(tmp_path):
    disk, download = tmp_path / "disk", tmp_path / "download"
    for file in (disk / "one" / "b.csv", disk / "one" / "a.csv", disk / ".Trash" / "c.csv"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    (disk / "one" / "._a.csv").touch()
    download.mkdir()
    (download / "scans").symlink_to(disk, target_is_directory=True)
    (download / "again").symlink_to(disk, target_is_directory=True)
    (disk / "one" / "up").symlink_to(disk, target_is_directory=True)
    assert list(walk_download(download)) == [
        (download, []),
        (download / "again", []),
        (download / "again" / "one", ["a.csv", "b.csv"]),
    ]
    one = download / "again" / "one"
    assert find_all(download, ["**/*.csv"]) == [one / "a.csv", one / "b.csv"]


def test_a_folder_that_cannot_be_read_is_no_silent_gap(tmp_path):
    with pytest.raises(CohortError, match="gone: cannot be read: No such file or directory; ask"):
        list(walk_download(tmp_path / "gone"))
