"""All shards of an extraction and what comes after them are one extraction, bit for bit."""

import csv
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from mmfeat.config.loading import load_project
from mmfeat.errors import Interrupted
from mmfeat.progress import Silent
from mmfeat.stages.extraction.extract import extract
from mmfeat.stages.extraction.finish import finish_extraction
from mmfeat.work_shard import WorkShard

from ..extraction_cohort import TOKENS, make_cohort, write_scan

N_SCANS = 6


@pytest.fixture
def cohort(tmp_path):
    """Six scans, one of them of two cases, one broken, and a case without any."""
    made = make_cohort(tmp_path / "cohort", N_SCANS)
    made.scans |= {"twin": made.scans["case-003"], "without": ""}
    (made.folder / made.scans["case-001"]).write_bytes(b"not a scan")
    return made.write()


def _shard(cohort, shard, cache, **options):
    project = load_project(cohort.config, [f"extract.cache={cache}"])
    return extract(
        project, progress=Silent(), should_stop=lambda: False, shard=shard, **options
    ).modalities[0]


def _finish(cohort, cache, **options):
    project = load_project(cohort.config, [f"extract.cache={cache}"])
    return finish_extraction(project, progress=Silent(), should_stop=lambda: False, **options)


def _files(report):
    """Name and bytes of the shard; the failures without their times; the table of quality."""
    (shard,) = report.cache.glob("shard-*.h5")
    with (report.cache / "failures.csv").open() as stream:
        failures = [{**row, "when": ""} for row in csv.DictReader(stream)]
    quality = pd.read_parquet(report.cache / "quality.parquet")
    return shard.name, shard.read_bytes(), failures, quality.to_csv()


@pytest.mark.parametrize(
    ("encoder", "cuts"),
    [
        pytest.param("intensity-stats", (2, N_SCANS + 1), id="vectors"),
        pytest.param(TOKENS, (2,), id="tokens", marks=pytest.mark.slow),
    ],
)
def test_shards_one_after_the_other_and_the_finish_are_one_plain_run(cohort, encoder, cuts):
    replace(cohort, encoder=encoder).write()
    whole = _shard(cohort, None, "whole")
    for n_shards in cuts:
        cache = f"in-{n_shards}"
        parts = [_shard(cohort, shard, cache) for shard in WorkShard.all(n_shards)]
        assert sum(part.n_extracted for part in parts) == whole.n_extracted == N_SCANS
        assert sum(part.n_cases for part in parts) == whole.n_cases - whole.n_absent
        finished = _finish(cohort, cache)
        (report,) = finished.extraction.modalities
        assert _files(report) == _files(whole)
        assert finished.missing == {"ct": ()}
        assert finished.problems == {"ct": ()}
        assert finished.n_failed == 1
        assert not finished.is_complete


def test_a_shard_leaves_to_the_finish_what_is_of_all_shards(cohort):
    report = _shard(cohort, WorkShard(0, 2), "cache")
    left = {path.name for path in report.cache.iterdir()}
    assert not left & {"quality.parquet", "last_extract.json"}
    assert len(list(report.cache.glob("shard-*.h5"))) > 1  # two cases each
    _finish(cohort, "cache")
    there = {path.name for path in report.cache.iterdir()}
    assert there >= {"quality.parquet", "last_extract.json"}
    assert len(list(report.cache.glob("shard-*.h5"))) == 1


def test_a_shard_counts_its_own_cases_only(cohort):
    parts = [_shard(cohort, shard, "cache", dry_run=True) for shard in WorkShard.all(2)]
    assert [part.n_pending for part in parts] == [part.n_cases for part in parts]
    assert sum(part.n_cases for part in parts) == N_SCANS + 1  # a scan of two cases among them
    assert [part.n_not_asked for part in parts] == [0, 0]
    again = _shard(cohort, WorkShard(0, 2), "cache")
    assert again.n_pending == 0
    assert not set(again.failures) & set(_shard(cohort, WorkShard(1, 2), "cache").failures)


def test_the_cases_that_are_asked_for_are_shared_among_the_shards(cohort):
    only = ["case-000", "case-002", "case-004", "case-005"]
    parts = [_shard(cohort, shard, "cache", only=only) for shard in WorkShard.all(2)]
    assert [part.n_extracted for part in parts] == [2, 2]
    finished = _finish(cohort, "cache", only=only)
    assert finished.is_complete  # whatever is missing of the others
    assert finished.extraction.modalities[0].n_not_asked == len(cohort.scans) - 4
    assert _shard(cohort, WorkShard(0, 2), "cache", limit=1).n_scans <= 1


def test_the_finish_names_what_is_missing_and_embeds_nothing(cohort):
    (cohort.folder / cohort.scans["case-001"]).write_bytes(b"other bytes")
    done = _shard(cohort, WorkShard(0, 2), "cache")
    finished = _finish(cohort, "cache")
    assert len(finished.missing["ct"]) == N_SCANS + 1 - done.n_cases
    assert all(Path(path).exists() for _, path in finished.missing["ct"])
    assert not finished.is_complete
    (report,) = finished.extraction.modalities
    assert (report.n_extracted, report.n_pending) == (0, len(finished.missing["ct"]))


def test_the_finish_of_what_nobody_began_makes_no_cache(cohort):
    finished = _finish(cohort, "cache")
    assert len(finished.missing["ct"]) == N_SCANS + 1
    assert finished.problems == {}
    assert not (cohort.folder / "cache").exists()


def test_the_finish_forgets_failures_of_scans_that_are_gone_from_the_manifest(cohort):
    _shard(cohort, WorkShard(0, 1), "cache")
    write_scan(cohort.folder / "scans" / "good.nii.gz", 99)
    cohort.scans["case-001"] = "scans/good.nii.gz"
    cohort.write()
    _shard(cohort, WorkShard(0, 1), "cache")
    finished = _finish(cohort, "cache")
    assert finished.is_complete
    assert finished.to_json()["missing"] == {"ct": []}


def test_the_finish_says_which_file_is_damaged(cohort):
    report = _shard(cohort, WorkShard(0, 1), "cache")
    _finish(cohort, "cache")
    (shard,) = report.cache.glob("shard-*.h5")
    torn = bytearray(shard.read_bytes())
    torn[-3] ^= 1
    shard.write_bytes(torn)
    finished = _finish(cohort, "cache")
    assert any(str(shard.name) in problem for problem in finished.problems["ct"])


def test_a_finish_can_be_stopped(cohort):
    project = load_project(cohort.config)
    with pytest.raises(Interrupted, match="run the same command again"):
        finish_extraction(project, progress=Silent(), should_stop=lambda: True)
