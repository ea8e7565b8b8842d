"""Two cache folders are compared by recipe, by case and by number."""

import json
import time
from dataclasses import replace

import numpy as np
import pytest

from mmfeat.cache import CacheFolder, FeatureRow
from mmfeat.cache.comparing import compare_caches
from mmfeat.errors import CacheError

from .conftest import IDENTITY, TOKEN_IDENTITY, WIDTH, make_rows, make_token_rows


@pytest.fixture
def other(tmp_path):
    return CacheFolder.open(tmp_path / "other", "ct", IDENTITY)


def _moved(row: FeatureRow, by: float) -> FeatureRow:
    feature = row.feature.copy()
    feature[0] += np.float32(by)
    return replace(row, feature=feature)


def test_the_same_rows_in_other_shards_are_equal_bit_for_bit(folder, other):
    folder.commit(make_rows(1, 2, 3))
    other.commit(make_rows(3))
    other.commit(make_rows(1, 2))
    found = compare_caches(folder, other)
    assert (found.numbers.n_pairs, found.numbers.n_bit_equal) == (3, 3)
    assert (found.numbers.largest, found.numbers.worst) == (0, ())
    assert found.numbers.cosine_min == pytest.approx(1)
    assert found.recipe_differences == ()
    assert found.equal_within(0)


def test_cases_of_one_side_and_of_other_scans_are_named(folder, other):
    folder.commit(make_rows(1, 2, 4))
    other.commit([*make_rows(2, source="version 2"), *make_rows(3, 4)])
    found = compare_caches(folder, other)
    assert found.only_left == ("case-0001",)
    assert found.only_right == ("case-0003",)
    assert found.other_scans == ("case-0002",)
    assert (found.n_common_cases, found.numbers.n_pairs) == (2, 1)
    assert not found.equal_within(1)


def test_the_worst_come_first_and_the_tolerance_decides(folder, other):
    rows = make_rows(*range(12))
    folder.commit(rows)
    other.commit([_moved(row, 0.001 * number) for number, row in enumerate(rows)])
    numbers = compare_caches(folder, other).numbers
    assert (numbers.n_bit_equal, len(numbers.worst)) == (1, 10)
    shares = [one.relative for one in numbers.worst]
    assert shares == sorted(shares, reverse=True)
    assert numbers.relative == shares[0]
    assert numbers.largest == pytest.approx(0.011, rel=1e-3)
    assert numbers.cosine_min <= numbers.cosine_median < 1
    assert not compare_caches(folder, other).equal_within(shares[0] * 0.99)
    assert compare_caches(folder, other).equal_within(shares[0])


def test_other_recipes_are_named_and_still_compared(folder, tmp_path):
    other = CacheFolder.open(tmp_path / "other", "ct", {**IDENTITY, "encoder": "median"})
    for one in (folder, other):
        one.commit(make_rows(1))
    found = compare_caches(folder, other)
    assert found.recipe_differences == ('encoder ("mean" there, "median" here)',)
    assert found.equal_within(0)


def test_other_widths_cannot_be_compared_by_number(folder, other):
    (row,) = make_rows(1)
    folder.commit([row])
    other.commit([replace(row, feature=np.ones(WIDTH + 1, np.float32))])
    found = compare_caches(folder, other)
    assert found.widths == (WIDTH, WIDTH + 1)
    assert found.numbers is None
    assert not found.equal_within(1)


def test_empty_folders_are_equal_and_an_empty_one_is_not_a_full_one(folder, other):
    assert compare_caches(folder, other).equal_within(0)
    other.commit(make_rows(1))
    found = compare_caches(folder, other)
    assert found.widths == (None, WIDTH)
    assert found.only_right == ("case-0001",)
    assert not found.equal_within(0)
    assert json.loads(json.dumps(found.to_json()))["numbers"] is None


def test_a_torn_shard_is_refused_and_named(folder, other):
    path = folder.commit(make_rows(1))
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(CacheError, match="is torn or damaged"):
        compare_caches(folder, other)


def test_ten_thousand_features_are_compared_in_seconds(folder, other):
    matrix = np.random.default_rng(0).random((10_000, 128), np.float32)
    rows = [FeatureRow(f"{n:05d}", f"{n:064x}", "s", matrix[n]) for n in range(len(matrix))]
    folder.commit(rows)
    other.commit(rows)
    start = time.perf_counter()
    assert compare_caches(folder, other).equal_within(0)
    assert time.perf_counter() - start < 5


def test_tokens_count_as_features_do(token_folder, tmp_path):
    other = CacheFolder.open(tmp_path / "other", "ct", TOKEN_IDENTITY)
    rows = make_token_rows(1, 2, 3)
    token_folder.commit(rows)
    other.commit(rows[:1])
    moved = rows[2].tokens.copy()
    moved[0, 0] += np.float32(1e-3)
    other.commit([rows[1], replace(rows[2], tokens=moved)])
    found = compare_caches(token_folder, other)
    assert (found.numbers.n_bit_equal, found.numbers.relative) == (3, 0)
    assert (found.tokens.n_pairs, found.tokens.n_bit_equal) == (3, 2)
    assert [worst.case_id for worst in found.tokens.worst] == ["case-0003"]
    assert found.tokens.relative == pytest.approx(1e-3, rel=0.5)
    assert found.equal_within(0.01)
    assert not found.equal_within(1e-5)


def test_a_folder_without_tokens_is_compared_by_its_vectors(token_folder, folder):
    token_folder.commit(make_token_rows(1, 2))
    folder.commit(make_rows(1, 2))
    found = compare_caches(token_folder, folder)
    assert found.tokens is None
    assert found.equal_within(0)
    assert any("tokens.max_tokens (4 there" in field for field in found.recipe_differences)
