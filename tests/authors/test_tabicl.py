"""Rows are embedded as TabICL's own classifier does on its way, with small random networks."""

import socket

import numpy as np
import pytest
import torch

from mmfeat.errors import RecordError
from mmfeat.record_encoders import get_record_encoder
from mmfeat.record_encoders.context_network import embed_in_contexts
from mmfeat.record_encoders.context_table import Context
from mmfeat.record_encoders.contract import RecordFitOptions
from mmfeat.record_encoders.tabicl import open_tabicl

from ..record_encoders.small_records import inputs_of, small_records, task_of
from .packages import of_authors

tabicl = of_authors("tabicl")
model = of_authors("tabicl._model.tabicl")

SMALL = {"max_classes": 4, "embed_dim": 8, "zero_init": False}
SMALL |= {"col_num_blocks": 1, "col_nhead": 2, "col_num_inds": 4}
SMALL |= {"row_num_blocks": 1, "row_nhead": 2, "row_num_cls": 2}
SMALL |= {"icl_num_blocks": 1, "icl_nhead": 2}
FIRST = {"col_target_aware": False, "col_affine": True, "col_feature_group": False}
FIRST |= {"col_ssmax": False, "icl_ssmax": False}
VERSIONS = {"1": SMALL | FIRST, "2": SMALL}


@pytest.fixture
def weights(tmp_path):
    """Write a checkpoint as the authors do."""

    def write(version, **other):
        config = VERSIONS[version] | other
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            network = model.TabICL(**config)
        torch.save({"config": config, "state_dict": network.state_dict()}, tmp_path / "tabicl.ckpt")
        return tmp_path / "tabicl.ckpt"

    return write


@pytest.fixture(scope="module")
def context():
    random = np.random.default_rng(0)
    table = random.standard_normal((30, 5)).astype(np.float32)
    table[random.random((30, 5)) < 0.2] = np.nan
    table[0, 0] = 90.0  # an outlier
    return Context(table, random.integers(0, 2, 30).astype(np.float32))


@pytest.fixture(scope="module")
def rows():
    found = np.random.default_rng(1).standard_normal((7, 5)).astype(np.float32)
    found[0, 1] = np.nan
    return found


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("version", VERSIONS)
def test_a_row_is_what_the_classifier_gives_to_its_learner(weights, context, rows, version):
    file = weights(version)
    classifier = tabicl.TabICLClassifier(
        n_estimators=1,
        norm_methods="none",
        feat_shuffle_method="none",
        class_shuffle_method="none",
        model_path=file,
        allow_auto_download=False,
        device="cpu",
        use_amp=False,
    ).fit(context.table, context.labels)
    given = []
    classifier.model_.row_interactor.register_forward_hook(
        lambda module, arguments, output: given.append(output)
    )
    classifier.predict_proba(rows)
    expected = given[0][0, len(context.table) :].numpy()
    found = open_tabicl(file, "cpu").embed(context, rows)
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_row_hangs_on_itself_and_the_context_alone(weights, context, rows, version):
    network = open_tabicl(weights(version), "cpu")
    together = embed_in_contexts(network, [context], rows)
    alone = embed_in_contexts(network, [context], rows[2:3])
    np.testing.assert_array_equal(together[2:3], alone)
    other = Context(context.table, 1 - context.labels)
    changed = np.abs(embed_in_contexts(network, [other], rows) - together).max() > 1e-4
    assert changed == network.sees_labels == (version == "2")


def test_records_are_embedded_and_come_back_the_same_without_any_network(
    weights, tmp_path, monkeypatch
):
    def refuse(*_, **__):
        pytest.fail("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    inputs = inputs_of(small_records(60), np.arange(32))
    labels = np.random.default_rng(1).integers(0, 2, (60, 1)).astype(float)
    kind, options = get_record_encoder("tabicl"), RecordFitOptions(weights=weights("2"))
    encoded = kind.fit(
        inputs,
        task_of(labels, n_train=32, n_val=10),
        options=options,
        should_stop=lambda: False,
    )
    vectors = encoded.encoder.embed(inputs)
    assert vectors.shape == (60, 3)
    assert np.isfinite(vectors).all()
    encoded.encoder.save(tmp_path / "saved")
    loaded = kind.load(tmp_path / "saved", options)
    np.testing.assert_array_equal(loaded.embed(inputs), vectors)


def test_other_checkpoints_are_refused(weights, tmp_path):
    with pytest.raises(RecordError, match="is TabICL for regression"):
        open_tabicl(weights("2", max_classes=0), "cpu")
    torch.save({"config": {"colour": 3}, "state_dict": {}}, tmp_path / "other.ckpt")
    with pytest.raises(RecordError, match="its settings make no TabICL"):
        open_tabicl(tmp_path / "other.ckpt", "cpu")
