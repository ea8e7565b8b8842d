"""The flow of a cohort whose scans are partly broken, and where its numbers come from."""

import json

import pytest

from mmfeat.config.loading import load_project
from mmfeat.progress import Silent
from mmfeat.provenance import sha256_of_file
from mmfeat.stages.evaluation.evaluate import evaluate
from mmfeat.stages.training.train import train

from ..training_cohort import write_training_cohort


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    file = write_training_cohort(tmp_path_factory.mktemp("cohort"))
    project = load_project(
        file,
        ["train.methods=[logistic]", "eval.resamples=100", "eval.missing_cells=[]"],
    )
    train(project, progress=Silent(), should_stop=lambda: False)
    return project, evaluate(project, progress=Silent())


def test_every_case_is_counted_once_by_what_it_has(evaluated):
    flow = evaluated[1]["cohort_flow"]
    assert flow["n_cases"] == sum(flow["availability"].values()) == 90
    assert flow["n_patients"] == 80
    with_ct = sum(n for name, n in flow["availability"].items() if "ct" in name.split("+"))
    assert with_ct == flow["modalities"]["ct"]["n_usable"] == 75
    assert flow["modalities"]["clinical"]["n_usable"] == 74


def test_labels_are_counted_apart_from_those_without(evaluated):
    flow = evaluated[1]["cohort_flow"]
    assert list(flow["targets"]) == ["cancer"]
    of_target = flow["targets"]["cancer"]
    assert (of_target["n_labelled"], of_target["n_unlabelled"]) == (84, 6)
    natural = evaluated[1]["targets"]["cancer"]["methods"]["logistic"]["natural"]
    assert of_target["n_evaluated"] == natural["n"]


def test_parts_of_each_fold_hold_every_case_and_no_patient_twice(evaluated):
    for fold in evaluated[1]["cohort_flow"]["folds"]:
        assert sum(part["n_cases"] for part in fold.values()) == 90
        assert sum(part["n_patients"] for part in fold.values()) == 80


def test_characteristics_are_of_all_cases_and_of_each_outcome(evaluated):
    found = evaluated[1]["cohort_flow"]["characteristics"]
    assert found["groups"]["all"] == 90
    assert found["groups"]["cancer: yes"] + found["groups"]["cancer: no"] == 84
    (age,) = found["columns"]
    whole = age["groups"]["all"]
    assert (whole["n"], whole["n_missing"]) == (74, 16)
    assert whole["quartiles"][0] < whole["median"] < whole["quartiles"][1]
    assert age["groups"]["cancer: no"]["mean"] < age["groups"]["cancer: yes"]["mean"]


def test_provenance_names_digests_and_no_folder_of_this_machine(evaluated):
    project, results = evaluated
    known = results["provenance"]
    assert known["features"].keys() == {"ct", "clinical"}
    assert known["splits"]["folds"] == 2
    assert known["seeds"] == {"logistic": [0]}
    run = project.path(project.settings.train.run)
    assert known["predictions"]["sha256"] == sha256_of_file(run / "predictions.parquet")
    assert len(known["manifest"]["sha256"]) == len(known["splits"]["sha256"]) == 64
    assert str(project.folder) not in json.dumps(known)


def test_without_scans_there_is_nothing_to_show_of_them(evaluated):
    project, _ = evaluated
    assert not (project.path(project.settings.train.run) / "scans.json").exists()
