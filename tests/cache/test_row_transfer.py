"""Rows are taken over once, sound, and never in the place of what is there."""

from dataclasses import replace

import h5py
import numpy as np
import pytest

from mmfeat.cache import CacheFolder
from mmfeat.cache.row_transfer import copy_rows, plan_transfer
from mmfeat.errors import CacheError
from mmfeat.provenance import canonical_json

from .conftest import (
    IDENTITY,
    TOKEN_IDENTITY,
    WIDTH,
    digest_of,
    make_rows,
    make_token_rows,
)

RECIPE = canonical_json(IDENTITY)


@pytest.fixture
def other(tmp_path):
    return CacheFolder.open(tmp_path / "other", "ct", IDENTITY)


def _planned(folder, *others):
    return plan_transfer(folder.shards(), [shard for one in others for shard in one.shards()])


def test_only_what_is_not_there_is_taken(folder, other):
    folder.commit(make_rows(1, 2))
    other.commit(make_rows(2, 3))
    plan = _planned(folder, other)
    ((shard, rows),) = plan.rows
    assert [shard.keys[row][0] for row in rows] == ["case-0003"]
    assert (plan.n_rows, plan.n_held, plan.clashes) == (1, 1, ())


def test_a_row_that_two_sources_offer_is_taken_once(folder, other, tmp_path):
    third = CacheFolder.open(tmp_path / "third", "ct", IDENTITY)
    for one in (other, third):
        one.commit(make_rows(1))
    plan = _planned(folder, other, third)
    assert (plan.n_rows, plan.n_held) == (1, 1)


def test_the_same_feature_under_another_stat_is_taken_too(folder, other):
    folder.commit(make_rows(1))
    other.commit(make_rows(1, stat="of another machine"))
    assert _planned(folder, other).n_rows == 1


def test_another_feature_of_the_same_scan_clashes_and_is_measured(folder, other):
    rows = make_rows(1, 2, 3)
    folder.commit(rows[:2])
    folder.commit(rows[2:])
    other.commit([replace(row, feature=row.feature * np.float32(1.5)) for row in rows[1:]])
    plan = _planned(folder, other)
    assert plan.n_rows == 0
    found = {clash.case_id: clash for clash in plan.clashes}
    assert sorted(found) == ["case-0002", "case-0003"]
    for clash in found.values():
        assert clash.relative == pytest.approx(1 / 3)
        assert clash.kept.parent == folder.path
        assert clash.other.parent == other.path
    assert found["case-0003"].source_sha256 == digest_of("3v1")


def test_features_of_another_width_are_refused(folder, other):
    folder.commit(make_rows(1))
    other.commit([replace(make_rows(2)[0], feature=np.ones(WIDTH + 1, np.float32))])
    with pytest.raises(CacheError, match=r"has features of 6 values, and .* of 5; they cannot be"):
        _planned(folder, other)


def test_copied_rows_are_the_same_bits_with_the_same_versions(folder, other):
    rows = make_rows(1, 2, 3)
    other.commit(rows)
    (shard,) = other.shards()
    first = copy_rows(shard, [0, 2], folder.path, RECIPE)
    before = first.read_bytes()
    assert copy_rows(shard, [0, 2], folder.path, RECIPE) == first
    assert first.read_bytes() == before
    (copied,) = folder.shards()
    assert copied.keys == [shard.keys[0], shard.keys[2]]
    assert copied.versions == shard.versions
    features, found = folder.read([("case-0001", None), ("case-0003", None)])
    assert found.all()
    np.testing.assert_array_equal(features, [rows[0].feature, rows[2].feature])


def test_a_damaged_feature_is_not_copied(folder, other):
    path = other.commit(make_rows(1, 2))
    (shard,) = other.shards()
    with h5py.File(path, "r+") as file:
        file["feature"][1, 0] += 1
    with pytest.raises(CacheError, match="the features of case-0002 are damaged"):
        copy_rows(shard, [0], folder.path, RECIPE)
    assert folder.shards() == []


def test_tokens_go_with_their_rows_and_clash_where_they_differ(token_folder, tmp_path):
    other = CacheFolder.open(tmp_path / "other", "ct", TOKEN_IDENTITY)
    rows = make_token_rows(1, 2, 3)
    token_folder.commit(rows[:1])
    moved = rows[0].tokens.copy()
    moved[0, 0] += np.float32(0.5)
    other.commit([replace(rows[0], tokens=moved), *rows[1:]])
    plan = _planned(token_folder, other)
    (clash,) = plan.clashes
    assert clash.case_id == "case-0001"
    assert clash.relative == pytest.approx(0.5 / max(moved.max(), rows[0].tokens.max()))
    ((shard, numbers),) = plan.rows
    copy_rows(shard, numbers, token_folder.path, canonical_json(TOKEN_IDENTITY))
    found = token_folder.read_tokens([(row.case_id, None) for row in rows])
    np.testing.assert_array_equal(found.tokens, np.concatenate([row.tokens for row in rows]))
