"""The manifest of a public cohort: what is looked at before hours of reading begin."""

import pytest

from mmfeat.errors import CohortError
from mmfeat.public_cohorts.contract import PublicCohort
from mmfeat.stages.public_cohort import make_manifest


def _fail(*_):
    pytest.fail("the download was read")


UNREAD = PublicCohort(
    name="unread",
    title="A cohort of which nothing may be read",
    homepage="",
    licence="",
    access="",
    citation="",
    variants={"only": "the only one"},
    build=_fail,
    write_sample=_fail,
)


@pytest.mark.parametrize("name", ["table.csv", "manifest.json"])
def test_an_output_that_is_there_is_refused_before_the_download_is_read(tmp_path, name):
    download, output = tmp_path / "download", tmp_path / "made"
    for folder in (download, output):
        folder.mkdir()
    (output / name).touch()
    with pytest.raises(CohortError, match=f"made/{name}: is there already; pass --overwrite"):
        make_manifest(UNREAD, download, output=output)
    with pytest.raises(CohortError, match=f"{name}: is a file; give the name of a folder"):
        make_manifest(UNREAD, download, output=output / name)


def test_a_download_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CohortError, match="none: no such folder; name the folder that holds"):
        make_manifest(UNREAD, tmp_path / "none", output=tmp_path / "made")
