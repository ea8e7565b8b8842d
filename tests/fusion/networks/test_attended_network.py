"""Attention over tokens, trained: it finds the one that matters."""

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from mmfeat.fusion import get_method
from mmfeat.fusion.contract import FitOptions, FoldData
from mmfeat.fusion.networks.attended_network import AttendedArchitecture
from mmfeat.fusion.networks.bags import Bag
from mmfeat.fusion.stacked.residual_stack import ResidualArchitecture
from mmfeat.fusion.task import Task
from mmfeat.fusion.training.running import fit_head
from mmfeat.tabular.scan_set import ScanSet

N_CASES, N_TOKENS, WIDTH = 400, 12, 6


def test_pooled_sets_and_vectors_go_on_to_the_network():
    torch.manual_seed(0)
    network = AttendedArchitecture(ResidualArchitecture((3, 2), 1), (3, None)).build()
    torch.nn.init.normal_(network.network.last.weight)
    bag = Bag(torch.randn(5, 3), torch.tensor([0, 2, 5]))
    vectors, rows, visible = torch.randn(2, 2), torch.tensor([1, 0]), torch.ones(2, 2).bool()
    pooled = torch.stack([bag.vectors[:2].mean(0), bag.vectors[2:].mean(0)])
    torch.testing.assert_close(
        network([bag, vectors], rows, visible), network.network([pooled, vectors], rows, visible)
    )


@pytest.fixture(scope="module")
def one_token_tells():
    """A fold where one token of a case, marked by its first value, says what the label is."""
    random = np.random.default_rng(0)
    tokens = random.standard_normal((N_CASES, N_TOKENS, WIDTH)).astype(np.float32)
    labels = (random.random(N_CASES) < 0.5).astype(float)
    chosen = random.integers(N_TOKENS, size=N_CASES)
    cases = np.arange(N_CASES)
    tokens[cases, chosen, 0] += 6
    tokens[cases, chosen, 1] += 2 * labels - 1
    scans = ScanSet(
        tokens.reshape(-1, WIDTH),
        np.arange(N_CASES + 1) * N_TOKENS,
        np.zeros(N_CASES * N_TOKENS),
    )
    data = FoldData(
        {"ct": tokens.mean(axis=1), "clinical": random.standard_normal((N_CASES, 2), np.float32)},
        np.ones((N_CASES, 2), dtype=bool),
        labels[:, None],
        Task.single("binary"),
        tuple(map(str, cases)),
        cases[:250],
        cases[250:320],
        sets={"ct": scans},
        records=frozenset(["clinical"]),
    )
    return data, cases[320:]


def _auroc(name, data, test, epochs=40):
    head = fit_head(
        get_method(name),
        data,
        seed=0,
        options=FitOptions(epochs=epochs, patience=15, batch_size=64, learning_rate=1e-2),
    )
    features = {m: values[test] for m, values in data.features.items()}
    sets = {m: scans.of_cases(test) for m, scans in data.sets.items()}
    answers = head.predict(features, np.tile([True, False], (len(test), 1)), sets)
    return roc_auc_score(data.labels[test, 0], answers[:, 0])


def test_attention_finds_the_token_that_tells_where_the_mean_hides_it(one_token_tells):
    data, test = one_token_tells
    assert _auroc("image-only", data, test) < 0.68
    assert _auroc("image-only-attention", data, test) > 0.78


def test_sets_count_for_the_default_method_too(one_token_tells):
    data, test = one_token_tells
    assert _auroc("mmfeat-attention", data, test, epochs=20) > 0.75
