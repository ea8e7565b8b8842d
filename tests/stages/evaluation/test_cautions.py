"""Missingness, subgroups and embeddings of an evaluated run, from its own folds and files."""

import json

import numpy as np
import pandas as pd
import pytest

from mmfeat.config.loading import load_project
from mmfeat.errors import ConfigError, EvalError
from mmfeat.progress import Silent
from mmfeat.report import missing_cells_results
from mmfeat.report.groupings import UNKNOWN
from mmfeat.stages.evaluation.cautions import add_cautions
from mmfeat.stages.evaluation.evaluation import Evaluation, kinds_of
from mmfeat.stages.evaluation.missingness import gaps_of
from mmfeat.stages.evaluation.prediction import predict_opened
from mmfeat.stages.evaluation.subgroups import groupings_of
from mmfeat.stages.training.open_run import open_run
from mmfeat.stages.training.train import train
from mmfeat.stages.training.trained_run import as_trained

N_CASES = 90


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory, write_project):
    """A run whose record tells by its gaps, with sites and a scan that is there twice."""
    file = write_project(tmp_path_factory.mktemp("cautions"), N_CASES)
    folder = file.parent
    frame = pd.read_csv(folder / "manifest.csv", dtype=str, keep_default_na=False)
    random = np.random.default_rng(0)
    frame["sex"] = random.choice(["F", "M", ""], N_CASES, p=[0.45, 0.45, 0.1])
    frame["hospital"] = np.where(np.arange(N_CASES) // 2 % 3, "north", "south")
    sick = frame.cancer == "1"
    frame["biopsy"] = np.where(sick & (frame.age != ""), "1", "")
    frame.to_csv(folder / "manifest.csv", index=False)
    image = np.random.default_rng(1).normal(size=(N_CASES, 12)).astype(np.float32)
    image[:, 0] += 3 * sick
    image[70] = image[1]
    np.savez(folder / "ct.npz", case_id=frame.case_id.to_numpy(str), feature=image)
    text = file.read_text().replace(
        "{age: {type: numeric}}",
        ("{age: {type: numeric}, sex: {type: categorical}, biopsy: {type: numeric}}"),
    )
    text = text.replace("  targets:", "  site: hospital\n  targets:")
    file.write_text(text.replace("resamples: 200", "resamples: 100, missing_cells: [0.5]"))
    project = load_project(file)
    train(project, progress=Silent(), should_stop=lambda: False)
    return _cautions(project)


def _cautions(project):
    """Predict, and return the evaluation with the blocks that are tested here."""
    project, trained = as_trained(project)
    opened = open_run(project)
    predictions = predict_opened(opened, trained, Silent())
    evaluation = Evaluation.of(opened, trained, predictions, Silent())
    results = {"targets": {"cancer": {}}, "warnings": [], "notes": []}
    add_cautions(results, evaluation, groupings_of(opened))
    curves = missing_cells_results(
        predictions.missing_cells,
        predictions.importance,
        kinds=kinds_of(project.settings),
        options=evaluation.options,
        progress=Silent(),
    )
    results["targets"]["cancer"]["missing_cells"] = curves["cancer"]
    return evaluation, results


def test_gaps_that_tell_the_label_are_found_within_the_folds(evaluated):
    _, results = evaluated
    block = results["targets"]["cancer"]["missingness"]
    assert block["predictors"] == ["has clinical", "empty cells of clinical"]
    assert block["predicts"] is True
    assert block["metrics"]["auroc"]["low"] > 0.6
    assert block["fraction_incomplete"] > 0.4
    patterns = {entry["pattern"]: entry["n"] for entry in block["patterns"]}
    assert patterns.keys() == {"ct+clinical", "ct"}
    assert sum(patterns.values()) == N_CASES
    assert block["tests"][0]["test"] == "chi-square"


def test_the_usual_groups_are_found_in_the_settings(evaluated):
    evaluation, results = evaluated
    block = results["targets"]["cancer"]["subgroups"]
    assert [one["name"] for one in block["groupings"]] == ["age", "sex", "site"]
    frame = pd.read_csv(
        evaluation.project.folder / "manifest.csv", dtype=str, keep_default_na=False
    )
    sizes = {entry["group"]: entry["n"] for entry in block["groupings"][1]["groups"]}
    assert sizes == {
        "F": (frame.sex == "F").sum(),
        "M": (frame.sex == "M").sum(),
        UNKNOWN: (frame.sex == "").sum(),
    }
    assert block["groupings"][2]["source"] == "column `hospital`"
    assert len(block["groupings"][0]["bands"]) == 2


def test_a_scan_under_two_ids_on_two_sides_of_a_split_is_a_warning(evaluated):
    evaluation, results = evaluated
    found = results["embeddings"]["ct"]
    assert found["near_duplicates"]["pairs"][0]["cases"] == ["c001", "c070"]
    tests = [set(fold.test.tolist()) for fold in evaluation.opened.folds]
    assert not any({1, 70} <= test for test in tests)  # so both sides have one of them
    assert found["near_duplicates"]["n_pairs_across_split"] == 1
    (warned,) = results["warnings"]
    assert "almost the same feature on two sides of a split, in 1 pair" in warned
    assert [one["name"] for one in found["predictable"]] == ["site"]
    assert found["test_retest"]["n_patients"] == N_CASES // 2
    assert set(found["map"]["colours"]) == {"site", "cancer"}
    assert list(results["embeddings"]) == ["ct"]


def test_columns_are_hidden_by_what_they_tell_in_the_training_part(evaluated):
    evaluation, results = evaluated
    block = results["targets"]["cancer"]["missing_cells"]["clinical"]
    by_column = block["by_column"]
    # Whether a biopsy was done tells the label, by the flag of unknown cells.
    assert [one["column"] for one in by_column["importance"]][-1] == "sex"
    values = [one["importance"] for one in by_column["importance"]]
    assert values == sorted(values, reverse=True)
    whole = block["methods"]["logistic"]["alone"][0]
    for order in ("most_informative_first", "least_informative_first"):
        points = by_column[order]["methods"]["logistic"]["alone"]
        assert points[0] == whole
        assert [point["share"] for point in points] == [0.0, 0.5]
    robustness = block["robustness"]["logistic"]["alone"]
    heights = [
        point["metrics"]["auroc"]["point"] for point in block["methods"]["logistic"]["alone"]
    ]
    assert robustness["relative"]["point"] == pytest.approx(np.mean(heights))
    frame = evaluation.predictions.missing_cells
    most = frame[(frame.order == "most_informative_first") & (frame.share == 0.5)]
    assert (most.n_hidden < most.n_known).all()


def test_results_are_plain_values_that_are_the_same_again(evaluated):
    evaluation, results = evaluated
    assert json.loads(json.dumps(results, allow_nan=False)) == results
    again = {"targets": {"cancer": {}}, "warnings": [], "notes": []}
    add_cautions(again, evaluation, groupings_of(evaluation.opened))
    again["targets"]["cancer"]["missing_cells"] = results["targets"]["cancer"]["missing_cells"]
    assert again == results
    for note in ("missing_modalities:", "missingness:", "subgroups:", "embeddings:"):
        assert sum(one.startswith(note) for one in results["notes"]) == 1


def _groupings(project, *overrides):
    return groupings_of(open_run(load_project(project.file, list(overrides))))


def test_named_groups_take_the_place_of_the_usual_ones(evaluated):
    project = evaluated[0].project
    age, hospital = _groupings(
        project, "eval.subgroups={decade: {column: age, bands: [60]}, where: {column: hospital}}"
    )
    assert (age.name, age.groups[:2]) == ("decade", ("below 60", "60 and above"))
    assert hospital.groups == ("north", "south")
    assert _groupings(project, "eval.subgroups={}") == ()


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (
            "{x: {column: hospitl}}",
            r"eval\.subgroups\.x: the manifest has no column `hospitl`; did",
        ),
        ("{x: {column: hospital, bands: [1]}}", "bands are for numbers, but column `hospital` has"),
        ("{x: {column: age}}", "more than 20 different ones; give bands"),
        ("{x: {scan: ct, fact: noise_hu}}", "`ct` is no modality of scans"),
    ],
)
def test_groups_that_cannot_be_made_are_refused_before_anything_is_predicted(
    evaluated, wanted, message
):
    with pytest.raises(EvalError, match=message):
        _groupings(evaluated[0].project, f"eval.subgroups={wanted}")


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("{x: {column: age, scan: ct, fact: y}}", "give either `column`, or `scan` and `fact`"),
        ("{x: {scan: ct}}", "give either `column`, or `scan` and `fact`"),
        ("{x: {column: age, bands: [2, 1]}}", "give each cut once, from the lowest"),
    ],
)
def test_settings_of_groups_are_checked(evaluated, wanted, message):
    with pytest.raises(ConfigError, match=message):
        load_project(evaluated[0].project.file, [f"eval.subgroups={wanted}"])


def test_gaps_are_counted_of_records_that_are_there(evaluated):
    table = evaluated[0].opened.table
    gaps = gaps_of(table)
    has, empty = gaps.values.T
    record = table.records["clinical"]
    unknown = 3 - np.stack([one.known for one in record.columns.values()]).sum(axis=0)
    assert (has == record.present).all()
    assert empty == pytest.approx(np.where(record.present, unknown / 3, 0.0))
    assert (gaps.incomplete == ((has == 0) | (empty > 0))).all()
