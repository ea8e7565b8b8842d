"""`mmfeat manifest idc`, with a small index in place of the real one."""

import json
import sys

import pytest
from mmfeat.cli import exit_codes

from ..public_cohorts.idc.made_up_index import write_index_package


@pytest.fixture
def index(tmp_path, monkeypatch):
    pytest.importorskip("platformdirs")
    folder = tmp_path / "packages"
    folder.mkdir()
    write_index_package(folder)
    monkeypatch.syspath_prepend(folder)
    before = sys.modules.pop("idc_index_data", None)
    yield
    sys.modules.pop("idc_index_data", None)
    if before is not None:
        sys.modules["idc_index_data"] = before


def test_it_shows_what_each_filter_leaves_and_what_to_do_next(mmfeat_shown, index):
    code, out, _ = mmfeat_shown("manifest", "idc", "-c", "lung-ct", "-o", "out")
    assert code == exit_codes.DONE
    assert "  --min-images 16: 4\n" in out
    assert "out: 3 cases of 3 patients, 4 series, 0.3 GB to download\n" in out
    assert "(1 series, not for commercial use)" in out
    assert "  idc download out/series.s5cmd --download-dir out/scans\n" in out
    assert out.splitlines()[-1].startswith("Next: download; add the column to predict")


def test_a_dry_run_writes_nothing_and_json_has_everything(mmfeat_shown, index, tmp_path):
    code, out, _ = mmfeat_shown(
        *("manifest", "idc", "-c", "lung-ct", "-o", "out", "--dry-run", "--json")
    )
    assert code == exit_codes.DONE
    document = json.loads(out)
    assert (document["n_cases"], document["n_series"], document["files"]) == (3, 4, [])
    assert document["steps"][0] == {"name": "all series of lung_ct", "n_series": 7}
    assert not (tmp_path / "out").exists()


def test_patients_can_be_listed_in_a_file(mmfeat_shown, index, tmp_path):
    (tmp_path / "ids.txt").write_text("P1\nP9\n")
    _, out, _ = mmfeat_shown(
        *("manifest", "idc", "-c", "lung-ct", "-o", "out", "--patients", "ids.txt", "--dry-run")
    )
    assert "nothing written: 1 cases of 1 patients" in out
    assert "note: --patient: nothing is selected of P9" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-c", "lung-c"], "did you mean `lung_ct`?"),
        (["-c", "lung-ct", "--body-part", "HEAD"], "after --body-part HEAD; there are CHEST"),
        (["-c", "lung-ct", "--max-thickness", "2"], "fetch it once from the network"),
    ],
)
def test_what_a_user_can_mend_is_one_line_and_exit_code_two(
    mmfeat_shown, index, tmp_path, arguments, message
):
    code, out, err = mmfeat_shown("manifest", "idc", "-o", "out", *arguments)
    assert (code, out) == (exit_codes.USER_CAN_MEND, "")
    assert message in err
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_without_the_extra_one_line_says_how_to_get_it(mmfeat_shown, monkeypatch):
    monkeypatch.setitem(sys.modules, "idc_index_data", None)  # as if it were not installed
    code, _, err = mmfeat_shown("manifest", "idc", "-c", "nlst", "-o", "out")
    assert code == exit_codes.USER_CAN_MEND
    assert err == (
        'error: Imaging Data Commons: its index is in an extra, `pip install "mmfeat[idc]"`\n'
    )
