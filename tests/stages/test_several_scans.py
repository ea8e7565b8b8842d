"""Cases with several scans: each is embedded once, and a rule makes one feature of them."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import yaml

from mmfeat.cache import CacheFolder
from mmfeat.config.loading import load_project
from mmfeat.config.modalities import VolumeModality
from mmfeat.errors import CohortError
from mmfeat.progress import Silent
from mmfeat.stages.cohort import open_cohort
from mmfeat.stages.cohort_summary import summarise_cohort
from mmfeat.stages.extraction.extract import extract
from mmfeat.stages.features import fit_features, open_features
from mmfeat.stages.inspection.sources import project_scans

from .extraction_cohort import write_scan

SETTINGS = """\
cohort:
  manifest: manifest.csv
  targets:
    cancer: {kind: binary, column: cancer}
modalities:
  ct: {kind: volume, encoder: intensity-stats, CT}
  clinical: {kind: table, columns: {age: {type: numeric}}}
extract: {workers: 2, shard_cases: 3}
"""
TABLE = "scans: {file: tables/scans.csv, date: date}, index_date: index"
MANIFEST = """\
case_id,patient_id,cancer,age,index
three,p,1,50,2021-06-01
two,q,0,60,2021-06-01
one,r,1,70,2021-06-01
shares,r,0,71,2021-07-01
without,s,0,80,
"""
SCANS = {
    "three": {"1": "2021-05-22", "2": "2021-02-21", "3": "2020-06-01"},
    "two": {"4": "2021-05-01", "torn": "2021-05-27"},
    "one": {"5": "2021-06-01"},
    "shares": {"5": "2021-06-01"},
}
"""Days before the index date: three 10, 100, 365; two 31 and 5; one 0; shares 30."""


class Cohort:
    """Settings, a manifest and a table of scans in a folder, which can be written again."""

    def __init__(self, folder: Path, scans=SCANS, ct=TABLE) -> None:
        self.folder = folder
        (folder / "tables").mkdir(parents=True, exist_ok=True)
        self.write(scans, ct)

    def write(self, scans, ct=TABLE) -> None:
        (self.folder / "mmfeat.yaml").write_text(SETTINGS.replace("CT", ct))
        (self.folder / "manifest.csv").write_text(MANIFEST)
        rows = [
            f"{case_id},../scans/{name}.nii.gz,{date}"
            for case_id, dates in scans.items()
            for name, date in dates.items()
        ]
        table = "\n".join(["case_id,path,date", *rows])
        (self.folder / "tables" / "scans.csv").write_text(table + "\n")

    def project(self, *overrides):
        return load_project(self.folder / "mmfeat.yaml", list(overrides))

    def extract(self, *overrides, **options):
        (report,) = extract(
            self.project(*overrides), progress=Silent(), should_stop=lambda: False, **options
        ).modalities
        accounted = report.n_absent + report.n_done_before + report.n_extracted + report.n_pending
        assert accounted + len(report.failures) == report.n_cases
        return report

    def features(self, *overrides):
        project = self.project(*overrides)
        return open_features(project, open_cohort(project))


@pytest.fixture
def cohort(tmp_path):
    for number in range(1, 6):
        write_scan(tmp_path / "scans" / f"{number}.nii.gz", number)
    (tmp_path / "scans" / "torn.nii.gz").write_bytes(b"no scan")
    return Cohort(tmp_path)


@pytest.fixture
def singles(cohort, tmp_path):
    """The features of scans 1 to 5 from a cohort of one scan a case."""
    folder = tmp_path / "singles"
    folder.mkdir()
    rows = [f"{n},{n},{n % 2},{50 + n},../scans/{n}.nii.gz" for n in range(1, 6)]
    (folder / "manifest.csv").write_text("\n".join(["case_id,patient_id,cancer,age,ct", *rows]))
    (folder / "mmfeat.yaml").write_text(SETTINGS.replace("CT", "column: ct"))
    project = load_project(folder / "mmfeat.yaml")
    extract(project, progress=Silent(), should_stop=lambda: False)
    table = open_features(project, open_cohort(project))
    return dict(zip(map(int, table.case_ids), table.vectors["ct"], strict=True))


def test_every_scan_is_embedded_once_and_every_case_accounted_for(cohort):
    report = cohort.extract()
    assert (report.n_cases, report.n_absent, report.n_scans) == (8, 1, 6)
    assert (report.n_extracted, report.n_changed) == (6, 0)
    torn = str(cohort.folder / "tables" / "../scans/torn.nii.gz")
    assert list(report.failures) == [("two", torn)]
    again = cohort.extract()
    assert (again.n_done_before, again.n_scans, again.n_extracted) == (6, 0, 0)


def test_each_rule_gives_what_follows_from_the_single_scans(cohort, singles):
    cohort.extract()
    expected = {
        "mean": [(singles[1] + singles[2] + singles[3]) / 3, singles[4], singles[5], singles[5]],
        "max": [np.max([singles[1], singles[2], singles[3]], axis=0), *[singles[4], singles[5]]],
        "latest": [singles[1], singles[4], singles[5]],
        "earliest": [singles[3], singles[4], singles[5]],
    }
    expected["set"] = expected["mean"]
    fingerprints = set()
    for rule, vectors in expected.items():
        table = cohort.features(f"modalities.ct.several={rule}")
        found = table.vectors["ct"]
        np.testing.assert_allclose(found[: len(vectors)], vectors, rtol=1e-6)
        np.testing.assert_array_equal(found[3], singles[5])
        assert not found[4].any()
        assert table.has("ct").tolist() == [True] * 4 + [False]
        assert "some scans of 1 case (`two`) failed" in table.notes[0]
        fingerprints.add(table.fingerprints["ct"])
    assert len(fingerprints) == 5


def test_a_set_keeps_the_scans_and_their_days_and_scales_them(cohort, singles):
    cohort.extract()
    project = cohort.project("modalities.ct.several=set")
    table = open_features(project, open_cohort(project))
    scans = table.sets["ct"]
    assert scans.offsets.tolist() == [0, 3, 4, 5, 6, 6]
    assert scans.days.tolist() == [10, 100, 365, 31, 0, 30]
    order = [1, 2, 3, 4, 5, 5]
    np.testing.assert_array_equal(scans.vectors, [singles[number] for number in order])
    assert "sets of scans are read only by methods that end in `-attention`" in table.notes[-1]
    fitted = fit_features(project, table, [0, 1])
    scaled = fitted.transform_sets(table)["ct"].vectors
    np.testing.assert_allclose(scaled[:4].mean(axis=0), 0, atol=1e-5)


def test_paths_in_one_cell_give_the_same_as_a_table_of_scans(cohort):
    cohort.extract()
    with_table = cohort.features()
    cells = {
        case_id: ";".join(f"scans/{name}.nii.gz" for name in names)
        for case_id, names in SCANS.items()
    }
    cohort.write(SCANS, "column: ct")
    rows = MANIFEST.splitlines()
    rows = [f"{row},{cells.get(row.split(',')[0], 'ct' * (row is rows[0]))}" for row in rows]
    (cohort.folder / "manifest.csv").write_text("\n".join(rows))
    report = cohort.extract()
    assert (report.n_extracted, report.n_done_before) == (0, 6)
    np.testing.assert_array_equal(cohort.features().vectors["ct"], with_table.vectors["ct"])


def test_a_scan_added_later_is_the_only_one_that_is_embedded(cohort):
    cohort.write({**SCANS, "three": {"1": "2021-05-22"}})
    cohort.extract()
    cohort.write(SCANS)
    report = cohort.extract()
    assert (report.n_scans, report.n_extracted, report.n_changed) == (2, 2, 0)
    assert report.n_done_before == 4


def test_a_scan_that_changed_is_embedded_again_and_the_others_are_not(cohort):
    cohort.extract()
    before = cohort.features()
    write_scan(cohort.folder / "scans" / "2.nii.gz", 99)
    report = cohort.extract()
    assert (report.n_scans, report.n_extracted, report.n_changed) == (1, 1, 1)
    after = cohort.features()
    changed = (before.vectors["ct"] != after.vectors["ct"]).any(axis=1)
    assert changed.tolist() == [True, False, False, False, False]
    assert before.fingerprints["ct"] != after.fingerprints["ct"]


def test_a_moved_file_is_not_embedded_again_and_old_failures_are_forgotten(cohort):
    report = cohort.extract()
    scans = cohort.folder / "scans"
    (scans / "3.nii.gz").rename(scans / "moved.nii.gz")
    write_scan(scans / "mended.nii.gz", 6)
    moved = {**SCANS, "three": {"1": "2021-05-22", "2": "2021-02-21", "moved": "2020-06-01"}}
    moved["two"] = {"4": "2021-05-01", "mended": "2021-05-27"}
    cohort.write(moved)
    again = cohort.extract()
    assert (again.n_scans, again.n_extracted) == (2, 1), "mended is embedded, moved is compared"
    assert again.failures == {}
    identity = json.loads((report.cache / "recipe.json").read_text())
    assert CacheFolder.find(cohort.folder / "cache", "ct", identity).failures() == {}
    assert cohort.features().notes == ()


def test_scans_after_the_index_date_follow_the_settings(cohort):
    cohort.write({**SCANS, "one": {"5": "2021-06-02"}})
    with pytest.raises(CohortError) as caught:
        open_cohort(cohort.project())
    (fault,) = caught.value.faults
    assert str(fault).startswith("scans.csv, row 7, column `date`: after the index date by 1 d")
    leave_out = cohort.project("modalities.ct.after_index=leave_out")
    cohort.extract("modalities.ct.after_index=leave_out")
    table = open_features(leave_out, open_cohort(leave_out))
    assert table.has("ct").tolist() == [True, True, False, True, False]
    assert "scans left out because they are after the index date: 1" in table.notes[0]
    used = cohort.project("modalities.ct.after_index=use")
    assert open_cohort(used).sources["ct"][2][0].days == -1


def test_the_summary_counts_cases_with_several_scans_and_inspection_finds_every_scan(cohort):
    project = cohort.project()
    summary = summarise_cohort(project, open_cohort(project), [])
    assert summary.n_several == {"ct": 2}
    assert summary.modalities == {"ct": 4, "clinical": 5}
    scans = project_scans(project, "ct")
    assert [scan.case_id for scan in scans] == [case for case, of in SCANS.items() for _ in of]
    assert scans[0].path.samefile(cohort.folder / "scans" / "1.nii.gz")


def test_the_settings_in_the_document_are_valid():
    document = Path(__file__).parents[2] / "docs" / "several-scans.md"
    blocks = re.findall(r"```yaml\n(.*?)```", document.read_text(), re.DOTALL)
    rules = [
        VolumeModality(**yaml.safe_load(block)["modalities"]["ct"]).several for block in blocks
    ]
    assert rules == ["mean", "latest"]
