"""Rows are embedded by the transformers of the package tabpfn, small and with random weights."""

import socket
from dataclasses import asdict

import numpy as np
import pytest
import torch

from mmfeat.errors import RecordError
from mmfeat.record_encoders import get_record_encoder
from mmfeat.record_encoders.context_network import embed_in_contexts
from mmfeat.record_encoders.context_table import Context
from mmfeat.record_encoders.contract import RecordFitOptions
from mmfeat.record_encoders.tabpfn import open_tabpfn

from ..record_encoders.small_records import inputs_of, small_records, task_of
from .packages import of_authors

architectures = of_authors("tabpfn.architectures")
checkpoints = of_authors("tabpfn.checkpoint")

pytestmark = pytest.mark.filterwarnings("ignore:Importing from 'tabpfn.model")
TOKENS = {"emsize": 12, "nlayers": 2, "nhead": 3, "num_thinking_rows": 4}
ROWS = {"embed_dim": 16, "nlayers": 2, "icl_num_heads": 2, "softmax_scaling_mlp_hidden_dim": 8}
ROWS |= {"dist_embed_num_blocks": 1, "dist_embed_num_heads": 2}
ROWS |= {"dist_embed_num_inducing_points": 4, "decoder_head_dim": 8, "decoder_num_heads": 2}
ROWS |= {"feat_agg_num_blocks": 1, "feat_agg_num_heads": 2, "feat_agg_num_cls_tokens": 2}
SMALL = {
    "tabpfn_v2": {"emsize": 12, "nlayers": 2, "nhead": 2},
    "tabpfn_v2_5": TOKENS,
    "tabpfn_v2_6": TOKENS,
    "tabpfn_v3": ROWS,
    "tabpfn_v3_5": ROWS,
}


def make(name, **other):
    """Return a small network with random weights, and its settings."""
    architecture = architectures.ARCHITECTURES[name]
    config, _ = architecture.parse_config(
        SMALL[name] | {"max_num_classes": 4, "num_buckets": 10} | other
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = architecture.get_architecture(config)
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.add_(0.1 * torch.randn_like(parameter))
    return network.eval(), asdict(config)


@pytest.fixture
def weights(tmp_path):
    """Write a checkpoint in one of the two formats of the package."""

    def write(name, ending=".ckpt", **other):
        network, config = make(name, **other)
        content = {"config": config, "state_dict": network.state_dict()}
        if name != "tabpfn_v2":  # its files name none
            content["architecture_name"] = "base" if name == "tabpfn_v2_5" else name
        file = tmp_path / f"{name}{ending}"
        if ending == ".ckpt":
            torch.save(content, file)
        else:
            checkpoints.save_as_safetensors(content, file)
        return file

    return write


@pytest.fixture(scope="module")
def context():
    random = np.random.default_rng(0)
    table = random.standard_normal((30, 5)).astype(np.float32)
    table[random.random((30, 5)) < 0.2] = np.nan
    table[:, 3] = 1.0  # does not vary here, but in other rows
    return Context(table, random.integers(0, 2, 30).astype(np.float32))


@pytest.fixture(scope="module")
def rows():
    found = np.random.default_rng(1).standard_normal((7, 5)).astype(np.float32)
    found[0, 1] = np.nan
    return found


@pytest.mark.parametrize("ending", [".ckpt", ".safetensors"])
@pytest.mark.parametrize("name", SMALL)
def test_a_row_is_the_embedding_of_the_transformer(weights, context, rows, name, ending):
    found = open_tabpfn(weights(name, ending), "cpu").embed(context, rows)
    network, _ = make(name)
    table = np.concatenate([context.table, rows])[:, [0, 1, 2, 4]]
    with torch.inference_mode():
        output = network(
            torch.from_numpy(table)[:, None],
            torch.from_numpy(context.labels),
            only_return_standard_out=False,
            task_type="multiclass",
        )
    np.testing.assert_allclose(found, output["test_embeddings"][:, 0], atol=1e-6)


@pytest.mark.parametrize("name", SMALL)
def test_a_row_hangs_on_itself_and_the_context_alone(weights, context, rows, name):
    network = open_tabpfn(weights(name), "cpu")
    together = embed_in_contexts(network, [context], rows)
    np.testing.assert_array_equal(together[2:3], embed_in_contexts(network, [context], rows[2:3]))
    other = Context(context.table, 1 - context.labels)
    assert np.abs(embed_in_contexts(network, [other], rows) - together).max() > 1e-4


def test_records_are_embedded_and_come_back_the_same_without_any_network(
    weights, tmp_path, monkeypatch
):
    def refuse(*_, **__):
        pytest.fail("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    inputs = inputs_of(small_records(60), np.arange(32))
    labels = np.random.default_rng(1).integers(0, 3, (60, 1)).astype(float)
    kind, options = get_record_encoder("tabpfn"), RecordFitOptions(weights=weights("tabpfn_v2"))
    encoded = kind.fit(
        inputs,
        task_of(labels, n_train=32, n_val=10, kind="multiclass", n_outputs=3),
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
    with pytest.raises(RecordError, match="is TabPFN for regression"):
        open_tabpfn(weights("tabpfn_v3", max_num_classes=-1), "cpu")
    content = {"config": {}, "state_dict": {}, "architecture_name": "tabpfn_v9"}
    torch.save(content, tmp_path / "new.ckpt")
    with pytest.raises(RecordError, match="architecture `tabpfn_v9`, which this tabpfn does not"):
        open_tabpfn(tmp_path / "new.ckpt", "cpu")
    content = {"config": {"nlayers": "many"}, "state_dict": {}}
    torch.save(content, tmp_path / "odd.ckpt")
    with pytest.raises(RecordError, match="its settings make no TabPFN"):
        open_tabpfn(tmp_path / "odd.ckpt", "cpu")
