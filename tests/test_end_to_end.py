"""A small cohort through the commands a user types, from files on disk to results."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from .in_process import run_mmfeat

pytestmark = pytest.mark.slow


def _mmfeat(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mmfeat", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "120"},
    )


QUICK = [
    "--set=train.seeds=[0]",
    "--set=train.epochs=5",
    "--set=train.contrastive_epochs=2",
    "--set=train.targets=[cancer_1y]",
    "--set=cohort.split.folds=3",
    "--set=eval.resamples=200",
]


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("cohort")
    made = run_mmfeat("demo", "cohort", "--n", "40", "--size", "40", folder=folder)
    assert made.code == 0, made.err
    return folder / "cohort", _mmfeat("run", "cohort/mmfeat.yaml", *QUICK, cwd=folder)


def test_run_ends_with_code_three_because_two_scans_are_broken(finished):
    cohort, run = finished
    assert run.returncode == 3, run.stderr
    (failures,) = cohort.glob("cache/ct/*/failures.csv")
    assert len(pd.read_csv(failures)) == 2
    assert "Traceback" not in run.stderr


def test_the_report_counts_the_broken_scans_and_shows_the_worst_of_the_others(finished):
    cohort, _ = finished
    results = json.loads((cohort / "run" / "results.json").read_text())
    scans = results["cohort_flow"]["modalities"]["ct"]
    assert (scans["n_failed"], scans["n_rejected"]) == (2, 0)
    assert scans["n_usable"] == scans["n_given"] - 2
    shown = json.loads((cohort / "run" / "scans.json").read_text())
    assert shown["standings"]["unreadable"] == 2
    assert len(shown["shown"]) == 12
    assert all(one["picture"].startswith("data:image/webp;base64,") for one in shown["shown"])
    report = (cohort / "run" / "report.html").read_text()
    assert "2 scans of ct could not be read" in report
    assert report.count("data:image/webp") == 12


def test_run_prints_where_the_results_are(finished):
    cohort, run = finished
    assert "results.json" in run.stdout
    results = json.loads((cohort / "run" / "results.json").read_text())
    assert "cancer_1y" in results["targets"]
    assert {file.suffix for file in (cohort / "run").iterdir()} >= {
        ".json",
        ".parquet",
        ".png",
        ".csv",
    }


def test_predictions_cover_every_case_with_features_once_in_the_natural_regime(finished):
    cohort, _ = finished
    predictions = pd.read_parquet(cohort / "run" / "predictions.parquet")
    natural = predictions[(predictions.regime == "natural") & (predictions.method == "mmfeat")]
    assert not natural.case_id.duplicated().any()
    manifest = pd.read_csv(cohort / "manifest.csv", dtype=str)
    assert set(natural.case_id) <= set(manifest.case_id)
    assert len(natural) >= len(manifest) - 2


def test_running_again_embeds_nothing_and_gives_the_same_results(finished):
    cohort, _ = finished
    shards = {file: file.stat().st_mtime_ns for file in cohort.glob("cache/ct/*/*.h5")}
    heads = {file: file.stat().st_mtime_ns for file in cohort.glob("run/heads/**/head.json")}
    before = pd.read_parquet(cohort / "run" / "predictions.parquet")
    again = run_mmfeat("run", "cohort/mmfeat.yaml", *QUICK, folder=cohort.parent)
    assert again.code == 3, again.err
    assert {file: file.stat().st_mtime_ns for file in cohort.glob("cache/ct/*/*.h5")} == shards
    assert {
        file: file.stat().st_mtime_ns for file in cohort.glob("run/heads/**/head.json")
    } == heads
    after = pd.read_parquet(cohort / "run" / "predictions.parquet")
    pd.testing.assert_frame_equal(before, after)
