from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict

from mmfeat.errors import RecordError
from mmfeat.fusion.training.network_jobs import LoopOptions
from mmfeat.record_encoders import get_record_encoder
from mmfeat.record_encoders.contract import RecordFitOptions

from .small_records import inputs_of, small_records, task_of

N_CASES = 260
QUICK = LoopOptions(epochs=25, patience=5, batch_size=64, learning_rate=3e-3, weight_decay=0.01)


@pytest.fixture(scope="module")
def records():
    return small_records(N_CASES)


@pytest.fixture(scope="module")
def inputs(records):
    return inputs_of(records, np.arange(160))


def _fitted(inputs, labels):
    task = task_of(labels[:, None].astype(float), n_train=120, n_val=40)
    quick = replace(get_record_encoder("ple"), loop=QUICK)
    return quick.fit(inputs, task, options=RecordFitOptions(), should_stop=lambda: False)


def test_what_is_not_linear_in_the_record_is_linear_in_the_vector(records, inputs):
    values = np.nan_to_num(records.columns["lab 0"].values)
    labels = (np.abs(values) > 0.7).astype(int)
    encoded = _fitted(inputs, labels)
    test = np.arange(160, N_CASES - 1)
    head = LogisticRegression(C=0.01).fit(encoded.vectors, labels[encoded.rows])
    vectors = encoded.encoder.embed(inputs)[test]
    assert roc_auc_score(labels[test], head.decision_function(vectors)) > 0.85
    numbers = np.nan_to_num(inputs.numbers)
    plain = LogisticRegression().fit(numbers[:160], labels[:160])
    assert roc_auc_score(labels[test], plain.decision_function(numbers[test])) < 0.7


def test_own_vectors_do_not_know_the_labels_of_their_cases(inputs):
    labels = np.random.default_rng(5).integers(0, 2, N_CASES)
    encoded = _fitted(inputs, labels)
    scores = cross_val_predict(
        LogisticRegression(C=0.01),
        encoded.vectors,
        labels[encoded.rows],
        cv=8,
        method="decision_function",
    )
    assert 0.38 < roc_auc_score(labels[encoded.rows], scores) < 0.62


def test_weights_are_refused_where_there_are_none(tmp_path):
    with pytest.raises(RecordError, match="`plr` is trained from nothing"):
        get_record_encoder("plr").check_ready(tmp_path / "weights.ckpt")


def test_a_package_that_is_not_installed_is_named_with_its_extra(monkeypatch):
    kind = get_record_encoder("tabm")
    monkeypatch.setattr(
        "mmfeat.record_encoders.packages.find_spec", lambda name: None if name == "tabm" else name
    )
    with pytest.raises(RecordError, match=r'`tabm` \(not installed\); pip install "mmfeat\[tab'):
        kind.check_ready(None)
