import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from rtdl_num_embeddings import compute_bins

from mmfeat.record_encoders.blueprint import Blueprint

from .small_records import inputs_of, small_records

ROWS = np.arange(400)


def _edges(values):
    inputs = inputs_of(small_records(len(values)), ROWS[: len(values)])
    numbers = np.tile(values[:, None], 3).astype(np.float32)
    return Blueprint.of(replace(inputs, numbers=numbers), np.arange(len(values)), n_outputs=1)


def test_bins_are_those_of_the_authors_package():
    values = np.random.default_rng(0).normal(size=400).astype(np.float32)
    (expected,) = compute_bins(torch.from_numpy(values[:, None]), n_bins=48)
    np.testing.assert_allclose(_edges(values).bin_edges[0], expected.numpy(), atol=1e-5)


def test_gaps_do_not_count():
    values = np.random.default_rng(0).normal(size=100)
    gappy = np.where(np.arange(120) < 100, np.resize(values, 120), np.nan)
    assert _edges(gappy).bin_edges == _edges(values).bin_edges


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.full(50, np.nan), (-1.0, 0.0, 1.0)),
        (np.full(50, 3.0), (2.0, 3.0, 4.0)),
        (np.array([0.0, 1.0] * 20), (0.0, 0.5, 1.0)),
    ],
)
def test_columns_that_hardly_vary_have_bins_too(values, expected):
    assert _edges(values).bin_edges[0] == expected


def test_it_comes_back_from_json():
    blueprint = _edges(np.random.default_rng(0).normal(size=80))
    assert Blueprint.model_validate(json.loads(blueprint.model_dump_json())) == blueprint
