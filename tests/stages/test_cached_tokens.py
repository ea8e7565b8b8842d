"""The tokens of a case are those of its scans, or of the one that the rule chooses."""

from dataclasses import replace

import numpy as np
import pytest

from mmfeat.cache import CacheFolder, FeatureRow
from mmfeat.errors import CacheError
from mmfeat.stages.cached_features import CachedFeatures
from mmfeat.stages.cached_tokens import read_cached_tokens
from mmfeat.tabular.scan_set import ScanSet

CASES = ("a", "b", "c")
COUNTS = [2, 1, 3, 2]
DAYS = [5.0, 90.0, 400.0, np.nan]
"""Case a has three scans, b none, c one."""
TOKENS = [
    np.arange(count * 2, dtype=np.float32).reshape(count, 2) + 100 * number
    for number, count in enumerate(COUNTS)
]


@pytest.fixture
def folder(tmp_path):
    folder = CacheFolder.open(tmp_path, "ct", {"encoder": "mean", "tokens": {"max_tokens": 3}})
    scans = zip(("a", "a", "a", "c"), "wxyz", TOKENS, strict=True)
    folder.commit(
        [
            FeatureRow(case, digest, "s", np.ones(1, np.float32), tokens=t)
            for case, digest, t in scans
        ]
    )
    return folder


@pytest.fixture
def cached():
    vectors = np.ones((4, 1), np.float32)
    return CachedFeatures(
        ScanSet(vectors, np.array([0, 3, 3, 4]), np.array(DAYS)), tuple("wxyz"), failed=()
    )


@pytest.mark.parametrize("rule", ["mean", "max", "set"])
def test_all_scans_of_a_case_give_their_tokens_where_no_rule_chooses_one(folder, cached, rule):
    found = read_cached_tokens(folder, CASES, cached, rule)
    np.testing.assert_array_equal(found.vectors, np.concatenate(TOKENS))
    assert found.offsets.tolist() == [0, 6, 6, 8]
    assert found.scan_numbers.tolist() == [0, 0, 1, 2, 2, 2, 0, 0]
    np.testing.assert_array_equal(found.days, np.repeat(DAYS, COUNTS))


@pytest.mark.parametrize(("rule", "chosen"), [("latest", 0), ("earliest", 2)])
def test_a_rule_that_chooses_a_scan_chooses_its_tokens(folder, cached, rule, chosen):
    found = read_cached_tokens(folder, CASES, cached, rule)
    np.testing.assert_array_equal(found.of_case(0), TOKENS[chosen])
    np.testing.assert_array_equal(found.of_case(2), TOKENS[3])
    assert found.counts.tolist() == [COUNTS[chosen], 0, 2]
    assert set(found.scan_numbers[: COUNTS[chosen]]) == {chosen}
    assert set(found.days[: COUNTS[chosen]]) == {DAYS[chosen]}


def test_a_case_without_scans_has_no_tokens(folder, cached):
    scans = ScanSet(np.ones((0, 1), np.float32), np.zeros(4, np.int64), np.zeros(0))
    nobody = CachedFeatures(scans, (), failed=())
    for rule in ("set", "latest", "earliest"):
        assert read_cached_tokens(folder, CASES, nobody, rule).counts.tolist() == [0, 0, 0]


def test_tokens_that_were_deleted_meanwhile_are_missed(folder, cached):
    gone = replace(cached, digests=("w", "x", "gone", "z"))
    with pytest.raises(CacheError, match="features were deleted while they were read"):
        read_cached_tokens(folder, CASES, gone, "set")
