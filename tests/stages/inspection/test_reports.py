"""Table and contact sheet of a cohort, whatever became of its scans."""

import json

import pandas as pd
import pyarrow.parquet as pq
import pytest

from mmfeat.errors import CohortError
from mmfeat.progress import Silent
from mmfeat.quality.table_row import FACT_COLUMNS
from mmfeat.stages.inspection.reports import inspect_cohort

from ..inspect_scans import body_hu, rows_of, write_nifti, write_series


def _inspect(scans, folder):
    return inspect_cohort(
        scans, folder, title="cohort.csv", progress=Silent(), should_stop=lambda: False
    )


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """A DICOM series, a NIfTI file of few slices, and one that is cut short."""
    folder = tmp_path_factory.mktemp("cohort")
    paths = {
        "series": write_series(folder / "series", body_hu(), {}),
        "few": write_nifti(folder / "few.nii.gz", body_hu(slices=12)),
        "short <b>": write_nifti(folder / "short.nii.gz", body_hu()),
    }
    paths["short <b>"].write_bytes(paths["short <b>"].read_bytes()[:2000])
    return _inspect(rows_of(paths, few_slices=20), folder / "out")


def test_the_table_has_a_row_for_every_scan_the_worst_first(found):
    table = pd.read_parquet(found.table)
    assert table["case_id"].tolist() == ["short <b>", "few", "series"]
    assert table["outcome"].tolist() == ["unreadable", "warn", "pass"]
    assert table["codes"].tolist()[1] == "few-slices short-coverage coarse-pixels"
    assert json.loads(table["findings"][1])[0] == {
        "code": "few-slices",
        "severity": "warn",
        "message": "12 slices, fewer than 20",
    }
    assert "truncated" in table["reason"][0]
    assert table["reason"][1:].isna().all()


def test_the_table_has_the_facts(found):
    table = pd.read_parquet(found.table)
    assert set(FACT_COLUMNS) < set(table.columns)
    assert table["n_slices"].tolist()[1:] == [12, 32]
    assert table["header_kernel"][2] == "B30f"
    assert table.loc[0, [*FACT_COLUMNS]].isna().all()
    assert table["noise_hu"][2] == pytest.approx(10, rel=0.15)


def test_the_table_says_by_which_thresholds_and_versions(found):
    made_with = json.loads(pq.read_schema(found.table).metadata[b"mmfeat"])
    assert made_with["thresholds"]["ct"]["few_slices"] == 20
    assert made_with["thresholds"]["ct"]["ignore"] == []
    assert "mmfeat" in made_with["versions"]


def test_a_table_of_nothing_but_unreadable_scans_has_the_same_columns(found, tmp_path):
    only = _inspect(rows_of({"absent": tmp_path / "absent.nii.gz"}), tmp_path / "out")
    one, other = pq.read_schema(only.table), pq.read_schema(found.table)
    assert one.remove_metadata() == other.remove_metadata()


def test_the_sheet_shows_every_case_the_worst_first(found):
    text = found.sheet.read_text()
    places = [text.index(name) for name in ("short &lt;b&gt;", "few-slices</b>", "> series")]
    assert places == sorted(places)
    assert text.count("<article") == 3
    assert text.count("data:image/webp;base64,") == 2
    assert "ct.few_slices 20" in text
    assert "short.nii.gz: truncated" not in text  # the path stands below


def test_a_second_run_takes_the_place_of_the_first(found, tmp_path):
    scans = [case.scan for case in found.cases]
    assert len(pd.read_parquet(_inspect(scans, tmp_path).table)) == 3
    assert len(pd.read_parquet(_inspect(scans[:1], tmp_path).table)) == 1


def test_a_cohort_without_scans_is_refused(tmp_path):
    with pytest.raises(CohortError, match=r"cohort.csv: no case has a scan"):
        _inspect([], tmp_path / "out")


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "out").write_text("a file")
    scans = rows_of({"absent": tmp_path / "absent.nii.gz"})
    with pytest.raises(CohortError, match=r"out: cannot be written \(File exists\); name another"):
        _inspect(scans, tmp_path / "out")
