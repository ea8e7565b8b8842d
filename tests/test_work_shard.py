"""Shares of the work are all of it, once each, and weigh much the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfeat.errors import ConfigError
from mmfeat.work_shard import WorkShard

SIZES = st.dictionaries(st.text(max_size=8), st.integers(0, 10**12), max_size=60)


@given(SIZES, st.integers(1, 9))
def test_each_key_is_in_one_shard(sizes, count):
    picked = [shard.pick(sizes) for shard in WorkShard.all(count)]
    assert sorted(key for keys in picked for key in keys) == sorted(sizes)


@given(SIZES, st.integers(1, 9), st.randoms())
def test_the_order_of_the_keys_does_not_matter(sizes, count, random):
    keys = list(sizes)
    random.shuffle(keys)
    shuffled = {key: sizes[key] for key in keys}
    for shard in WorkShard.all(count):
        assert shard.pick(shuffled) == shard.pick(sizes)


@given(SIZES, st.integers(1, 9))
def test_two_shards_differ_by_no_more_than_the_largest_key_and_by_one_in_number(sizes, count):
    picked = [shard.pick(sizes) for shard in WorkShard.all(count)]
    weights = [sum(sizes[key] for key in keys) for keys in picked]
    assert max(weights) - min(weights) <= max(sizes.values(), default=0)
    assert max(map(len, picked)) - min(map(len, picked)) <= 1


def test_the_largest_are_dealt_out_to_and_fro():
    sizes = {"a": 60, "b": 50, "c": 40, "d": 30, "e": 20, "f": 10}
    assert [sorted(shard.pick(sizes)) for shard in WorkShard.all(3)] == [
        ["a", "f"],
        ["b", "e"],
        ["c", "d"],
    ]


def test_a_shard_is_written_and_read_as_i_of_n():
    assert WorkShard.parse(" 3/16 ") == WorkShard(3, 16)
    assert str(WorkShard(3, 16)) == "3/16"


@pytest.mark.parametrize("text", ["", "3", "3/", "-1/4", "1/0", "a/4", "1/4/5", "1.0/4"])
def test_another_text_is_refused_with_an_example(text):
    with pytest.raises(ConfigError, match=r"must be I/N, share I of N, such as 0/16"):
        WorkShard.parse(text)


def test_the_last_shard_of_those_who_count_from_one_is_an_error_that_says_so():
    with pytest.raises(ConfigError, match="numbered from 0, so the last of 16 is 15/16"):
        WorkShard.parse("16/16")


def test_a_shard_that_there_is_not_cannot_be_made():
    with pytest.raises(ValueError, match="index must be from 0 to 3, got 4"):
        WorkShard(4, 4)
