"""Extraction embeds each scan once, keeps what is finished, and accounts for every case."""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mmfeat import encoders
from mmfeat.cache import CacheFolder, RunningMark
from mmfeat.config.loading import load_project
from mmfeat.errors import Interrupted
from mmfeat.progress import Silent
from mmfeat.stages.extraction.extract import extract
from mmfeat.volumes import read_volume

from ..extraction_cohort import MadeCohort, make_cohort, write_scan


@pytest.fixture
def cohort(tmp_path: Path) -> MadeCohort:
    return make_cohort(tmp_path / "cohort", 5)


def _extract(cohort, *overrides, should_stop=lambda: False, **options):
    project = load_project(cohort.config, list(overrides))
    return extract(project, progress=Silent(), should_stop=should_stop, **options)


def _ct(cohort, *overrides, **options):
    (report,) = _extract(cohort, *overrides, **options).modalities
    accounted = report.n_absent + report.n_done_before + report.n_extracted + report.n_pending
    accounted += len(report.failures) + report.n_not_asked
    assert accounted == report.n_cases == len(cohort.scans)
    return report


def _folder(report) -> CacheFolder:
    identity = json.loads((report.cache / "recipe.json").read_text())
    return CacheFolder.find(report.cache.parents[1], report.modality, identity)


def _shard(report) -> bytes:
    (shard,) = report.cache.glob("shard-*.h5")
    return shard.read_bytes()


def _touch(path: Path) -> None:
    os.utime(path, (1, 1))


def test_each_scan_is_embedded_as_the_encoder_alone_would(cohort):
    report = _ct(cohort)
    assert (report.n_extracted, report.n_scans, report.failures) == (5, 5, {})
    encoder = encoders.create("intensity-stats", weights=None, device="cpu", options={})
    encoder.load()
    features, found = _folder(report).read([(case_id, None) for case_id in cohort.scans])
    assert found.all()
    for feature, scan in zip(features, cohort.scans.values(), strict=True):
        windows = encoder.prepare(read_volume(cohort.folder / scan))
        np.testing.assert_array_equal(feature, encoder.pool(encoder.encode(windows)))


def test_a_second_run_does_nothing_and_changes_no_shard(cohort):
    first = _ct(cohort)
    before = {path: path.stat().st_mtime_ns for path in first.cache.glob("*.h5")}
    second = _ct(cohort)
    assert (second.n_done_before, second.n_scans, second.n_extracted) == (5, 0, 0)
    assert {path: path.stat().st_mtime_ns for path in first.cache.glob("*.h5")} == before


def test_an_extraction_with_nothing_to_do_takes_the_mark_of_a_killed_one_away(cohort):
    (modality,) = _extract(cohort).modalities
    marks = {}
    for name, change in (("dead", {"process": "1"}), ("alive", {})):
        with RunningMark(modality.cache):
            (file,) = modality.cache.glob(".running-*.json")
            told = json.loads(file.read_text()) | change
        marks[name] = modality.cache / f".running-{name}.json"
        marks[name].write_text(json.dumps(told))
    _extract(cohort)
    assert [name for name, file in marks.items() if file.exists()] == ["alive"]


def test_modalities_without_scans_are_named(cohort):
    assert _extract(cohort).not_extracted == {"clinical": "table"}


def test_a_case_without_a_scan_is_counted_and_has_no_feature(cohort):
    cohort.scans["case-001"] = ""
    cohort.write()
    report = _ct(cohort)
    assert (report.n_absent, report.n_extracted) == (1, 4)
    assert "case-001" not in _folder(report).index()


def test_cases_that_share_a_scan_are_read_once_and_both_have_the_feature(cohort):
    cohort.scans["case-004"] = cohort.scans["case-000"]
    cohort.write()
    report = _ct(cohort)
    assert (report.n_extracted, report.n_scans) == (5, 4)
    features, _ = _folder(report).read([("case-000", None), ("case-004", None)])
    np.testing.assert_array_equal(features[0], features[1])


def test_a_touched_file_is_done_and_digested_only_once(cohort):
    _ct(cohort)
    _touch(cohort.folder / cohort.scans["case-002"])
    second = _ct(cohort)
    assert (second.n_scans, second.n_done_before, second.n_extracted) == (1, 5, 0)
    third = _ct(cohort)
    assert (third.n_scans, third.n_done_before) == (0, 5)
    assert _folder(third).read([(case_id, None) for case_id in cohort.scans])[1].all()


def test_a_changed_file_is_embedded_again_and_counted(cohort):
    first = _folder(_ct(cohort)).read([("case-002", None)])[0]
    write_scan(cohort.folder / cohort.scans["case-002"], 999)
    report = _ct(cohort)
    assert (report.n_extracted, report.n_changed, report.n_done_before) == (1, 1, 4)
    folder = _folder(report)
    sources = {row.source_sha256 for row in folder.index()["case-002"]}
    assert len(sources) == 2
    found = [folder.read([("case-002", source)])[0] for source in sources]
    assert not np.array_equal(*found)
    assert any(np.array_equal(feature, first) for feature in found)


def test_a_broken_file_fails_alone_and_is_not_tried_again_until_asked(cohort):
    broken = cohort.folder / cohort.scans["case-003"]
    good = broken.read_bytes()
    broken.write_bytes(good[: len(good) // 2])
    report = _ct(cohort)
    assert list(report.failures) == [("case-003", str(cohort.folder / cohort.scans["case-003"]))]
    assert report.n_extracted == 4
    lines = (report.cache / "failures.csv").read_text().splitlines()
    assert len(lines) == 2
    assert lines[1].startswith(f"case-003,{broken},")
    again = _ct(cohort)
    assert (again.failures, again.n_scans) == (report.failures, 0)
    retried = _ct(cohort, retry_failed=True)
    assert (retried.failures.keys(), retried.n_scans) == (report.failures.keys(), 1)
    broken.write_bytes(good)
    mended = _ct(cohort)
    assert (mended.failures, mended.n_extracted) == ({}, 1)
    assert _folder(mended).failures() == {}


def test_limit_leaves_the_rest_for_another_run(cohort):
    first = _ct(cohort, limit=2)
    assert (first.n_extracted, first.n_pending) == (2, 3)
    second = _ct(cohort)
    assert (second.n_done_before, second.n_extracted) == (2, 3)


def test_a_dry_run_writes_nothing(cohort):
    before = sorted(cohort.folder.rglob("*"))
    report = _ct(cohort, dry_run=True)
    assert (report.n_pending, report.n_extracted) == (5, 0)
    assert sorted(cohort.folder.rglob("*")) == before
    _ct(cohort, limit=2)
    before = {path: path.stat().st_mtime_ns for path in cohort.folder.rglob("*")}
    assert _ct(cohort, dry_run=True).n_pending == 3
    assert {path: path.stat().st_mtime_ns for path in cohort.folder.rglob("*")} == before


def test_a_stop_keeps_what_is_finished_and_says_how_to_go_on(cohort):
    whole = _shard(_ct(cohort, "extract.cache=whole"))
    asked = iter([False] * 6)
    with pytest.raises(Interrupted, match=r"ct: \d of 5 scans .* safe in .*same command again"):
        _ct(cohort, should_stop=lambda: next(asked, True))
    report = _ct(cohort)
    assert report.n_done_before + report.n_extracted == 5
    assert _shard(report) == whole


def test_the_compacted_file_does_not_depend_on_threads_or_shards(cohort):
    shards = {
        _shard(_ct(cohort, f"extract.cache=cache-{number}", *overrides))
        for number, overrides in enumerate(
            (
                ["extract.workers=1"],
                ["extract.workers=4", "extract.shard_cases=1"],
                ["extract.shard_cases=64", "extract.shard_seconds=0.001"],
            )
        )
    }
    assert len(shards) == 1


def test_the_report_lies_beside_the_features(cohort):
    report = _ct(cohort)
    saved = json.loads((report.cache / "last_extract.json").read_text())
    assert saved == json.loads(json.dumps(report.to_json()))
    assert set(saved["phases_s"]) == {"plan", "load", "embed", "finish"}
    assert 0.5 * saved["wall_s"] < sum(saved["phases_s"].values()) <= saved["wall_s"]
    lines = (report.cache / "timings.jsonl").read_text().splitlines()
    timings = [json.loads(line) for line in lines if line]
    assert {line.pop("case_id") for line in timings} == set(cohort.scans)
    for stage in ("read", "decode", "prepare", "forward"):
        for unit in ("seconds", "bytes"):
            total = sum(line[stage][unit] for line in timings)
            assert saved["stages"][stage][unit] == pytest.approx(total, abs=1e-4)


def test_only_the_cases_that_were_asked_for_are_embedded_and_all_are_accounted_for(cohort):
    report = _ct(cohort, only=["case-001", "case-003"])
    assert (report.n_extracted, report.n_not_asked, report.n_pending) == (2, 3, 0)
    assert set(_folder(report).index()) == {"case-001", "case-003"}
    planned = _ct(cohort, only=["case-001", "case-002"], dry_run=True)
    assert (planned.n_done_before, planned.n_pending, planned.n_not_asked) == (1, 1, 3)


def test_another_recipe_has_a_folder_of_its_own(cohort):
    first = _ct(cohort)
    text = cohort.config.read_text()
    cohort.config.write_text(text.replace("encoder: intensity-stats", "encoder: slices-lite0"))
    planned = _ct(cohort, dry_run=True)
    assert planned.cache != first.cache
    assert planned.n_pending == 5


def test_a_scan_that_is_not_good_enough_is_rejected_listed_and_let_in_by_other_settings(cohort):
    write_scan(cohort.folder / cohort.scans["case-000"], 0, size=7)
    text = cohort.config.read_text()
    strict = "encoder: intensity-stats, quality: {smallest_coverage_mm: 12}"
    cohort.config.write_text(text.replace("encoder: intensity-stats", strict))
    report = _ct(cohort)
    assert (report.n_extracted, report.n_rejected, len(report.failures)) == (4, 1, 1)
    reason = report.failures["case-000", str(cohort.folder / cohort.scans["case-000"])]
    assert reason == "rejected: too-small: only 14 x 10 x 10 mm; at least 12 mm are wanted"
    table = pd.read_parquet(report.cache / "quality.parquet").set_index("case_id")
    assert table.loc["case-000", ["outcome", "n_slices"]].tolist() == ["reject", 7]
    assert set(table.outcome) == {"reject", "pass"}
    assert len(table) == 5
    again = _ct(cohort)
    assert (again.n_scans, again.n_rejected, again.n_done_before) == (0, 1, 4)
    cohort.config.write_text(text)
    lenient = _ct(cohort)
    assert (lenient.n_extracted, lenient.failures) == (1, {})
