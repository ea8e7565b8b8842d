"""Tokens of scans from the cache to the answers of methods that read them."""

import json

import numpy as np
import pytest

from mmfeat.config.loading import load_project
from mmfeat.errors import TrainError
from mmfeat.fusion import load_head
from mmfeat.progress import Silent
from mmfeat.stages.cohort import open_cohort, open_folds
from mmfeat.stages.evaluation.prediction import predict_run
from mmfeat.stages.extraction.extract import extract
from mmfeat.stages.features import fit_features, open_features
from mmfeat.stages.training.train import train

from ..extraction_cohort import TOKENS, make_cohort
from ..training_cohort import project_with, write_training_cohort

N_CASES = 16
SETTINGS = (
    "extract.shard_cases=64",
    "cohort.split.folds=2",
    "train.epochs=1",
    "train.contrastive_epochs=1",
    "train.seeds=[0]",
    "train.workers=1",
    "eval.missing_cells=[]",
)


def _project(cohort, methods):
    return load_project(cohort.config, [*SETTINGS, f"train.methods=[{methods}]"])


def _train(cohort, methods):
    project = _project(cohort, methods)
    return train(project, progress=Silent(), should_stop=lambda: False)


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    """Cases with two tokens each; one has no scan."""
    made = make_cohort(tmp_path_factory.mktemp("tokens"), N_CASES, size=8, encoder=TOKENS)
    made.scans["case-015"] = ""
    made.write()
    project = load_project(made.config, SETTINGS)
    extract(project, progress=Silent(), should_stop=lambda: False)
    return made


@pytest.fixture(scope="module")
def trained(cohort):
    return _train(cohort, "paper-attention,average")


def _head_json(report, method):
    return json.loads((report.run / f"heads/cancer/{method}/fold0-seed0/head.json").read_text())


def test_heads_say_which_sets_they_were_made_from(trained):
    head = _head_json(trained, "paper-attention")
    assert head["set_widths"] == {"ct": 1280}
    assert head["widths"]["ct"] == 2560
    assert len(head["identity"]["sets"]) == 64
    assert "sets" not in _head_json(trained, "average")["identity"]


def test_test_cases_are_answered_by_their_tokens(cohort, trained):
    project = _project(cohort, "paper-attention,average")
    frame = predict_run(project, Silent()).views.query(
        "method == 'paper-attention' and regime == 'natural'"
    )
    assert len(frame) == N_CASES
    opened = open_cohort(project)
    table = open_features(project, opened, with_tokens=True)
    fold = open_folds(project, opened)[0]
    fitted = fit_features(project, table, fold.train)
    rows = np.sort(fold.test)
    head = load_head(trained.run / "heads/cancer/paper-attention/fold0-seed0")
    answers = head.predict(
        {name: values[rows] for name, values in fitted.transform(table).items()},
        table.present[rows],
        {name: scans.of_cases(rows) for name, scans in fitted.transform_sets(table).items()},
    )
    found = frame.set_index("case_id").prediction[[opened.case_ids[row] for row in rows]]
    np.testing.assert_allclose(found, answers[:, 0], atol=1e-6)


def test_another_method_beside_it_leaves_finished_heads_as_they_are(cohort, trained):
    assert _train(cohort, "average").n_finished_before == 2
    assert _train(cohort, "paper-attention,average").n_finished_before == 4


def test_without_tokens_the_error_says_where_they_come_from(tmp_path):
    project = project_with(write_training_cohort(tmp_path), methods=["mmfeat-attention"])
    with pytest.raises(TrainError, match="give a modality of volumes `features: tokens`"):
        train(project, progress=Silent(), should_stop=lambda: False)


def test_a_method_of_a_modality_that_there_is_not_is_refused_at_once(tmp_path):
    project = project_with(write_training_cohort(tmp_path), methods=["ctt-only"])
    with pytest.raises(TrainError, match=r"no modality `ctt` .* did you mean `ct-only`"):
        train(project, progress=Silent(), should_stop=lambda: False)
