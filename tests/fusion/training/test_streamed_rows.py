from dataclasses import replace

import numpy as np
import pytest
import torch

from mmfeat.fusion.stacked.paper_stack import PaperArchitecture
from mmfeat.fusion.training.alone import train_alone
from mmfeat.fusion.training.network_jobs import LoopOptions, NetworkJob
from mmfeat.fusion.training.streamed_rows import POOL_BYTES, StreamedRows, block_order
from mmfeat.fusion.training.viewed_cases import logits_in_chunks, viewed_cases
from mmfeat.fusion.views import every_view
from mmfeat.tabular.row_file import RowFile
from mmfeat.tabular.stored_vectors import StoredVectors

VIEWS = every_view(2)


@pytest.fixture
def both(made_fold, tmp_path):
    """The same fold twice: in memory, and with its first modality in a file, in another order."""
    data, _ = made_fold(n_cases=300)
    vectors = data.features["m0"]
    order = np.random.default_rng(0).permutation(len(vectors))
    vectors[order].tofile(tmp_path / "vectors")
    file = RowFile(tmp_path / "vectors", 0, "<f4", n_rows=len(vectors), width=vectors.shape[1])
    stored = StoredVectors.of_rows((file,), np.argsort(order))
    return data, replace(data, features={**data.features, "m0": stored})


def _streamed(data):
    cases = viewed_cases(data, data.train, VIEWS, "cpu")
    assert isinstance(cases.features[0], StreamedRows)
    return cases


def test_batches_are_those_of_the_cases_in_memory(both):
    in_memory, in_file = both
    whole, streamed = viewed_cases(in_memory, in_memory.train, VIEWS, "cpu"), _streamed(in_file)
    # Room for two batches of eight cases of six numbers, so that there are many pools.
    few = replace(streamed.features[0], pool_bytes=2 * 8 * 6 * 4)
    streamed = replace(streamed, features=[few, *streamed.features[1:]])
    assert few.pool_rows(8) == 16
    order = streamed.shuffled(torch.Generator().manual_seed(0), 8)
    assert sorted(order.tolist()) == list(range(len(whole)))
    expected = list(whole.batches(order, 8))
    found = list(streamed.batches(order, 8))
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        for values, wanted in zip(one.features, other.features, strict=True):
            assert torch.equal(values, wanted)
        assert torch.equal(one.labels.nan_to_num(-1), other.labels.nan_to_num(-1))
        assert torch.equal(one.takes_part, other.takes_part)
        assert torch.equal(one.numbers, other.numbers)


def test_a_pool_takes_neighbours_in_the_file_and_epochs_differ(both):
    _, in_file = both
    streamed = _streamed(in_file).features[0]
    generator = torch.Generator().manual_seed(0)
    orders = [
        block_order(streamed, generator, n_in_pool=32, block_rows=8).numpy() for _ in range(2)
    ]
    assert not np.array_equal(*orders)
    places = np.full(len(streamed), -1)
    has = streamed.vectors.counts > 0
    places[has] = streamed.vectors.places
    by_place = np.empty(len(streamed), np.int64)
    by_place[np.argsort(places, kind="stable")] = np.arange(len(streamed))
    for order in orders:
        assert sorted(order.tolist()) == list(range(len(streamed)))
        for first in range(0, len(order) - 32, 32):
            blocks = np.unique(by_place[order[first : first + 32]] // 8)
            assert (
                len(blocks) <= 5
            )  # four, and one that the last block of the file, a short one, cut


def test_networks_trained_from_a_file_are_those_trained_in_memory(both):
    loop = LoopOptions(epochs=3, patience=3, batch_size=32, learning_rate=1e-3, weight_decay=0.01)

    def trained(data):
        job = NetworkJob(
            "target",
            PaperArchitecture((6, 3), 1),
            data,
            0,
            data.train,
            data.val,
            VIEWS,
            loop,
            0.2,
        )
        return train_alone(job, device="cpu", should_stop=lambda: False)

    in_memory, in_file = map(trained, both)
    assert in_file.history[1:] == in_memory.history[1:]
    for name, values in in_memory.state.items():
        assert torch.equal(in_file.state[name], values), name


def test_predictions_of_a_file_are_those_of_memory(both):
    in_memory, in_file = both
    network = PaperArchitecture((6, 3), 1).build().eval()
    expected = logits_in_chunks(network, in_memory.features, in_memory.present, chunk=64)
    found = logits_in_chunks(network, in_file.features, in_file.present, chunk=64)
    np.testing.assert_array_equal(found, expected)


def test_a_pool_has_whole_batches_and_at_least_one(both):
    streamed = _streamed(both[1]).features[0]
    assert streamed.pool_rows(512) == POOL_BYTES // 24 // 512 * 512
    assert replace(streamed, pool_bytes=1).pool_rows(512) == 512
