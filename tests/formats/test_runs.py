"""Runs and exported folders of every released version answer as they did."""

import io
import shutil

import numpy as np
import pandas as pd
import pytest

from mmfeat.report.html import write_report
from mmfeat.stages.evaluation.evaluated_runs import compare_folders

from .reading import answers_of_run, predictions_of_export
from .released import RUNS

NEAR = {"rtol": 1e-4, "atol": 1e-5}
"""Another processor or another torch rounds otherwise."""


@pytest.mark.parametrize("name", RUNS)
def test_every_head_answers_as_it_did(released, name):
    folder = released / "runs"
    with np.load(folder / "values.npz") as values:
        known = {key: values[key] for key in values if key.startswith(f"{name}/")}
    found = answers_of_run(folder / name)
    assert found.keys() == known.keys()
    for key, answers in known.items():
        np.testing.assert_allclose(found[key], answers, err_msg=key, **NEAR)


def test_an_exported_folder_predicts_what_it_did(released):
    folder = released / "runs"
    text = predictions_of_export(folder / "exported").to_csv(index=False)
    found, known = pd.read_csv(io.StringIO(text)), pd.read_csv(folder / "exported.csv")
    pd.testing.assert_frame_equal(found, known, check_exact=False, **NEAR)
    assert set(known["case_id"]) == {"a", "b", "c"}


@pytest.mark.slow
def test_results_are_compared_and_shown(released, tmp_path):
    run = tmp_path / "kinds"
    shutil.copytree(released / "runs" / "kinds", run)
    compared = compare_folders([run])
    assert set(compared["targets"]) >= {"cancer", "stage", "findings", "fev1", "survival"}
    write_report(run)
    assert "fev1" in (run / "report.html").read_text()
