"""Numbers, times to an event and several targets at once: trained, evaluated and shown."""

import io
import json

import numpy as np
import pandas as pd
import pytest
import yaml
from mmfeat.cli.result_tables import show_results
from rich.console import Console

from mmfeat.config.loading import load_project
from mmfeat.errors import TrainError
from mmfeat.progress import Silent
from mmfeat.stages.evaluation.evaluate import evaluate
from mmfeat.stages.training.train import train

from .training_cohort import write_training_cohort

TIMES = {"kind": "time_to_event", "time": "survival_days", "event": "died", "intervals": 3}


def _settings(folder, **changes):
    file = write_training_cohort(folder)
    settings = yaml.safe_load(file.read_text())
    settings["cohort"]["targets"] = {
        "cancer": settings["cohort"]["targets"]["cancer"],
        "volume": {"kind": "regression", "column": "volume_ml"},
        "survival": {**TIMES, "horizons": [300, 600]},
    }
    manifest = pd.read_csv(folder / "manifest.csv")
    random = np.random.default_rng(1)
    manifest["volume_ml"] = manifest.age.fillna(60) + random.normal(size=len(manifest))
    manifest.to_csv(folder / "manifest.csv", index=False)
    settings["train"] |= {"targets": None, "seeds": [0], **changes}
    settings["eval"] = {"resamples": 100, "missing_cells": [], "figures": False}
    file.write_text(yaml.safe_dump(settings, sort_keys=False))
    return file


def _train(file, *overrides):
    return train(load_project(file, list(overrides)), progress=Silent(), should_stop=lambda: False)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A run of all kinds, and of two targets that are learnt together, with its results."""
    file = _settings(
        tmp_path_factory.mktemp("kinds"),
        joint={"both": {"survival": 1.0, "volume": 0.5}},
    )
    _train(file)
    return file.parent / "run", evaluate(load_project(file), progress=Silent())


def test_every_kind_is_trained_and_evaluated(done):
    run, results = done
    volume = results["targets"]["volume"]["methods"]["average"]["simulated"]["clinical"]
    assert volume["metrics"]["r2"]["point"] > 0.7
    survival = results["targets"]["survival"]["methods"]["paper"]["simulated"]["ct+clinical"]
    assert 0 <= survival["metrics"]["c_index"]["point"] <= 1
    predictions = pd.read_parquet(run / "predictions.parquet")
    of_times = predictions[predictions.target == "survival"]
    assert set(of_times.output) == {"by 300", "by 600", "risk"}
    wide = of_times.pivot_table(
        index=["case_id", "method", "regime", "availability"],
        columns="output",
        values="prediction",
        observed=True,
    )
    assert (wide["by 300"] <= wide["by 600"]).all()
    assert wide["by 600"].between(0, 1).all()


def test_targets_learnt_together_have_results_of_their_own_beside_the_others(done):
    run, results = done
    assert list(results["targets"]["survival"]["methods"]) == ["paper", "average", "paper~both"]
    assert list(results["targets"]["cancer"]["methods"]) == ["paper", "average"]
    assert sorted(path.name for path in (run / "heads" / "both").iterdir()) == ["paper"]
    head = json.loads((run / "heads/both/paper/fold0-seed0/head.json").read_text())
    assert [(part["kind"], part["weight"]) for part in head["task"]] == [
        ("multilabel", 1.0),
        ("regression", 0.5),
    ]


def test_how_targets_were_fitted_to_each_training_part_is_kept(done):
    run, _ = done
    fitted = json.loads((run / "folds/0/outcomes/volume.json").read_text())
    assert fitted["sd"] > 1
    assert json.loads((run / "folds/1/outcomes/survival.json").read_text())["ends"][-1] == 600


def test_results_are_shown_by_what_comes_first_for_each_kind(done):
    run, results = done
    stream = io.StringIO()
    show_results(Console(file=stream, width=120), results, run)
    text = " ".join(stream.getvalue().split())
    for words in ("R2 [95 % interval]", "C-index [95 % interval]", "mean over horizons", "MAE"):
        assert words in text
    assert "90 cases with a label, 80 patients," in text
    assert "(mean and standard deviation), from" in text


def test_cox_is_for_networks_alone(tmp_path):
    file = _settings(tmp_path, targets=["survival"])
    cox = "cohort.targets.survival.model=cox"
    with pytest.raises(TrainError, match="`model: cox` has no form in average; set `model: haz"):
        _train(file, cox)
    _train(file, cox, "train.methods=[paper]")
    results = evaluate(load_project(file, [cox, "train.methods=[paper]"]), progress=Silent())
    found = results["targets"]["survival"]["methods"]["paper"]["simulated"]["ct"]["metrics"]
    assert found["c_index"]["point"] is not None
    assert found["brier"]["point"] < 0.5


def test_targets_together_need_a_method_with_networks(tmp_path):
    file = _settings(tmp_path, joint={"both": {"survival": 1, "volume": 1}}, methods=["average"])
    with pytest.raises(TrainError, match="only networks learn several targets together"):
        _train(file)
