"""The whole examination: in the order of a run, with nothing left behind."""

import json
from pathlib import Path

import pytest

from mmfeat.config.loading import load_project
from mmfeat.progress import Silent
from mmfeat.stages.doctor.examine import examine
from mmfeat.stages.extraction.extract import extract

from ..extraction_cohort import make_cohort

ANY_SIZE = "modalities.ct.quality={fewest_slices: 1, smallest_coverage_mm: 1}"


@pytest.fixture
def cohort(tmp_path):
    return make_cohort(tmp_path / "cohort", 20)


def doctor(config, *overrides, volume=True):
    return examine(
        config,
        [ANY_SIZE, *overrides],
        sample=3,
        volume=volume,
        devices=(1, 2),
        progress=Silent(),
    )


def by_check(report):
    return {finding.check: finding for finding in report.findings}


def files_of(cohort) -> set[Path]:
    return set(cohort.folder.rglob("*"))


def test_a_good_project_has_no_problem_and_everything_is_examined_in_the_order_of_a_run(cohort):
    before = files_of(cohort)
    report = doctor(cohort.config)
    checks = [finding.check for finding in report.findings]
    assert report.n_problems == 0, report.findings
    assert checks[checks.index("settings") :] == [
        "settings",
        "extract.device",
        "ct weights",
        "manifest",
        "training",
        "ct cache",
        "ct scans",
        "ct memory",
        "ct volume",
        "extract.cache",
        "cache space",
        "train.run",
        "run space",
    ]
    assert files_of(cohort) == before
    found = by_check(report)
    assert found["manifest"].message == "20 cases of 20 patients, no faults"
    assert found["ct cache"].message == "20 scans to do, 0 done"
    assert "3 of 20 scans tried, all readable" in found["ct scans"].message


def test_as_json_there_are_findings_volume_and_projection(cohort):
    shown = json.loads(json.dumps(doctor(cohort.config).to_json(), allow_nan=False))
    assert shown["n_problems"] == 0
    assert set(shown["findings"][0]) == {"check", "level", "message", "fix"}
    assert list(shown["volume"]["ct"]["stages"]) == [
        "read",
        "decode",
        "judge",
        "prepare",
        "forward",
    ]
    assert shown["projection"]["ct"]["n_scans"] == 20
    one, two = shown["projection"]["ct"]["rows"]
    rates, threads = (shown["projection"]["ct"][name] for name in ("rates", "reading_threads"))
    assert one["hours"] == pytest.approx(20 * rates["reading_s"] / threads / 3600)
    assert two["hours"] == pytest.approx(one["hours"] / 2)
    assert len(shown["scans"]["ct"]["sample"]) == 3


def test_without_settings_it_is_the_machine_alone():
    report = doctor(None)
    assert report.findings[0].check == "python"
    assert "settings" not in by_check(report)
    assert report.exams == {}


def test_what_is_done_is_not_projected(cohort):
    project = load_project(cohort.config, [ANY_SIZE])
    extract(project, progress=Silent(), should_stop=lambda: False)
    report = doctor(cohort.config)
    assert by_check(report)["ct cache"].message == "0 scans to do, 20 done"
    assert report.exams["ct"].projection.n_scans == 0


def test_settings_that_cannot_be_read_are_a_problem_and_the_machine_is_still_examined(cohort):
    report = doctor(cohort.config, "extract.shardcases=3")
    finding = report.findings[-1]
    assert (finding.check, finding.level) == ("settings", "problem")
    assert "unknown key `extract.shardcases`" in finding.message
    assert by_check(report)["python"].level != "problem"


def test_no_manifest_leaves_weights_and_folders_examined(cohort):
    report = doctor(cohort.config, "cohort.manifest=no.csv")
    found = by_check(report)
    assert report.n_problems == 1
    assert "no.csv: no such file" in found["manifest"].message
    assert "cohort.manifest" in found["manifest"].fix
    assert found["ct weights"].level == "ok"
    assert "extract.cache" in found
    assert "ct scans" not in found


def test_the_faults_of_the_manifest_are_counted_and_the_first_ones_shown(cohort):
    cohort.scans |= {case: f"scans/missing-{case}.nii" for case in list(cohort.scans)[:5]}
    found = by_check(doctor(cohort.write().config))["manifest"]
    assert found.level == "problem"
    first, *shown, more = found.message.splitlines()
    assert first.endswith("manifest.csv: 5 faults")
    assert len(shown) == 3
    assert "row 2, column `ct`: no such file or folder" in shown[0]
    assert more == "and 2 more"
    assert "mmfeat config check mmfeat.yaml --json" in found.fix


def test_a_cohort_that_cannot_be_divided_is_a_problem(cohort):
    found = by_check(doctor(cohort.config, "cohort.split.folds=15"))["training"]
    assert found.level == "problem"
    assert "cohort.split.folds" in found.fix


def test_missing_weights_leave_the_cohort_examined(cohort):
    found = by_check(doctor(cohort.config, "modalities.ct.encoder=ct-fm"))
    assert found["ct weights"].level == "problem"
    assert found["manifest"].level == "ok"
    assert "ct volume" not in found


def test_a_device_that_is_not_there_is_a_problem_and_no_scan_goes_through_the_network(cohort):
    found = by_check(doctor(cohort.config, "extract.device=cuda:63", "train.device=cpu"))
    assert found["extract.device"].level == "problem"
    assert found["train.device"].level == "ok"
    assert "ct scans" in found
    assert "ct volume" not in found


def test_a_file_where_the_cache_should_be_is_a_problem(cohort):
    (cohort.folder / "cache").write_text("a file")
    found = by_check(doctor(cohort.config))
    assert found["extract.cache"].level == "problem"
    assert "is no folder" in found["extract.cache"].message


def test_more_workers_than_cores_is_a_warning(cohort):
    found = by_check(doctor(cohort.config, "extract.workers=5000", volume=False))
    assert found["settings"].level == "warning"
    assert "extract.workers is 5000" in found["settings"].message
    assert "5000 reading threads" in found["ct memory"].message


def test_what_failed_before_is_a_warning(cohort):
    (cohort.folder / "scans" / "003.nii.gz").write_bytes(b"torn")
    project = load_project(cohort.config, [ANY_SIZE])
    extract(project, progress=Silent(), should_stop=lambda: False)
    found = by_check(doctor(cohort.config))["ct cache"]
    assert found.level == "warning"
    assert found.message == "0 scans to do, 19 done, 1 failed or were rejected before"
    assert "--retry-failed" in found.fix


def test_the_space_for_tokens_is_that_of_as_many_as_the_tried_scans_have(cohort):
    row_bytes = []
    for overrides in ((), ("modalities.ct.features=tokens", "modalities.ct.max_tokens=50")):
        report = doctor(cohort.config, *overrides, volume=False)
        row_bytes.append(report.to_json()["scans"]["ct"]["row_bytes"])
        assert "cache space" in by_check(report)
    assert row_bytes == [1200 + 4 * 89, 1200 + 2 * 4 * 89]  # this encoder has one window
