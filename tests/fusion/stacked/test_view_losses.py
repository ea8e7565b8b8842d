import math

import numpy as np
import pytest
import torch

from mmfeat.fusion.stacked.view_losses import mean_losses_of_views
from mmfeat.fusion.viewed_cases import mean_over_each_view
from mmfeat.losses.task import balanced_class_weights, label_losses


def test_a_value_by_hand():
    # Logit 0 costs ln 2; the second case counts twice, the third not at all, the fourth is unknown.
    logits = torch.tensor([0.0, 0.0, 5.0, 9.0]).view(1, 1, 4, 1)
    logits[0, 0, 1] = math.log(3)
    labels = torch.tensor([1.0, 0.0, 0.0, torch.nan]).view(1, 4, 1)
    weights = torch.tensor([1.0, 2.0, 0.0, 1.0]).view(1, 1, 4)
    expected = (math.log(2) + 2 * math.log(4)) / 3
    found = mean_losses_of_views(logits, labels, weights, "binary")
    assert found.tolist() == [[pytest.approx(expected)]]


@pytest.mark.parametrize("balanced", [False, True])
@pytest.mark.parametrize(
    ("kind", "n_outputs"), [("binary", 1), ("multiclass", 3), ("multilabel", 2)]
)
def test_it_is_the_mean_over_the_pairs_that_take_part(kind, n_outputs, balanced):
    random = np.random.default_rng(0)
    n_heads, n_views, n_cases = 2, 3, 12
    logits = torch.from_numpy(random.normal(size=(n_heads, n_views, n_cases, n_outputs)))
    n_columns, n_classes = (1, 3) if kind == "multiclass" else (n_outputs, 2)
    labels = random.integers(0, n_classes, size=(n_heads, n_cases, n_columns)).astype(float)
    labels[random.random(labels.shape) < 0.2] = np.nan
    labels = torch.from_numpy(labels)
    takes_part = torch.from_numpy(random.random((n_heads, n_views, n_cases)) < 0.7)
    takes_part[0, 1] = False
    weights = torch.stack([balanced_class_weights(of, kind, n_outputs) for of in labels])
    found = mean_losses_of_views(
        logits, labels, takes_part.double(), kind, class_weights=weights if balanced else None
    )
    for head in range(n_heads):
        view, row = takes_part[head].nonzero(as_tuple=True)
        losses = label_losses(
            logits[head, view, row],
            labels[head, row],
            kind,
            class_weights=weights[head] if balanced else None,
        )
        expected = mean_over_each_view(losses, labels[head, row], view, n_views)
        torch.testing.assert_close(found[head], expected)
