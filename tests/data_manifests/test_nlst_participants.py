import pytest

from mmfeat.errors import CohortError

from .nlst_downloads import PEOPLE, SOON, WELL, edit

WAY = ("nlst", "embeddings")  # the same tables, and no scans to be written


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"gender": "3"}, "row 2, column `gender`: `3` is none of the codes"),
        ({"scr_res1": "12"}, "row 2, column `scr_res1`: `12` is none of the codes"),
        ({"candx_days": "soon"}, "row 2, column `candx_days`: `soon` is no number"),
        ({"pid": WELL}, f"column `pid`: `{WELL}` stands in an earlier row already"),
    ],
)
def test_wrong_cells_are_refused_with_their_row(download, cells, message):
    edit(download, SOON, **cells)
    with pytest.raises(CohortError, match=message):
        download.build()


def test_a_release_without_any_end_of_follow_up_is_refused(download):
    download.change(PEOPLE, lambda text: text.replace("canc_free_days", "other", 1))
    with pytest.raises(CohortError, match="neither `fup_days` nor `canc_free_days`"):
        download.build()
