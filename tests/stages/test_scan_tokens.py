"""The tokens of a scan: its windows, or the means of neighbouring ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmfeat.stages.scan_tokens import TokenRule


@given(
    n_windows=st.integers(1, 200),
    max_tokens=st.integers(1, 64),
    width=st.integers(1, 4),
    seed=st.integers(0, 5),
)
@settings(max_examples=150, deadline=None)
def test_groups_of_neighbours_cover_each_window_once_and_are_nearly_equal(
    n_windows, max_tokens, width, seed
):
    windows = np.random.default_rng(seed).normal(size=(n_windows, width)).astype(np.float32)
    before = windows.copy()
    tokens = TokenRule(max_tokens, width).tokens_of(windows)
    n_tokens = min(n_windows, max_tokens)
    assert tokens.shape == (n_tokens, width)
    assert tokens.dtype == np.float32
    bounds = [i * n_windows // n_tokens for i in range(n_tokens + 1)]
    sizes = np.diff(bounds)
    assert sizes.sum() == n_windows
    assert sizes.max() - sizes.min() <= 1
    for token, start, stop in zip(tokens, bounds, bounds[1:], strict=False):
        np.testing.assert_allclose(token, windows[start:stop].mean(axis=0), rtol=1e-5, atol=1e-6)
    weighted = (tokens.astype(np.float64) * sizes[:, None]).sum(axis=0) / n_windows
    np.testing.assert_allclose(weighted, windows.mean(axis=0, dtype=np.float64), atol=1e-6)
    np.testing.assert_array_equal(windows, before)


@given(n_windows=st.integers(1, 64))
@settings(max_examples=30, deadline=None)
def test_as_many_windows_as_tokens_stay_as_they_are_bit_for_bit(n_windows):
    windows = np.random.default_rng(n_windows).normal(size=(n_windows, 3)).astype(np.float32)
    for most in (n_windows, n_windows + 1, 64):
        tokens = TokenRule(most, 3).tokens_of(windows)
        np.testing.assert_array_equal(tokens, windows)
        assert not np.shares_memory(tokens, windows)


def test_a_group_does_not_depend_on_windows_of_other_groups():
    windows = np.random.default_rng(0).normal(size=(7, 5)).astype(np.float32)
    other = windows.copy()
    other[3:] *= 1e6
    rule = TokenRule(2, 5)
    np.testing.assert_array_equal(rule.tokens_of(windows)[0], rule.tokens_of(other)[0])


def test_large_values_do_not_overflow_in_a_mean():
    windows = np.full((1000, 1), 3e38, np.float32)
    np.testing.assert_array_equal(TokenRule(2, 1).tokens_of(windows), windows[:2])


def test_values_that_are_not_finite_stay_visible():
    windows = np.zeros((4, 1), np.float32)
    windows[3] = np.nan
    assert np.isnan(TokenRule(2, 1).tokens_of(windows)[1]).all()


def test_what_tokens_depend_on_is_told_in_plain_values():
    rule = TokenRule(64, 768)
    assert rule.recipe == {
        "max_tokens": 64,
        "token_size": 768,
        "of_more_windows": "neighbours averaged in groups of nearly equal size",
        "code_version": 1,
    }
    assert rule.most_bytes == 64 * 768 * 4


def test_mistakes_are_named():
    with pytest.raises(ValueError, match="max_tokens must be at least 1, got 0"):
        TokenRule(0, 3)
    with pytest.raises(ValueError, match=r"features must be windows x 3, got \(2, 4\)"):
        TokenRule(2, 3).tokens_of(np.zeros((2, 4), np.float32))
