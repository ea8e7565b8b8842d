"""Many shards are one index, as long as they agree."""

import h5py
import numpy as np
import pytest

from mmfeat.cache.merging import choose, locate, merge_shards, read_checked
from mmfeat.cache.shard import ShardIndex, read_index
from mmfeat.cache.shard_writing import write_shard
from mmfeat.errors import CacheError
from mmfeat.provenance import canonical_json

RECIPE = canonical_json({"encoder": "mean"})


@pytest.fixture
def shard(tmp_path):
    """A function that writes a shard of one row for each (case, source) and returns its index."""

    def write(name, rows, *, version="1.0", stat="s") -> ShardIndex:
        keys = sorted((case, source, stat, "") for case, source in rows)
        values = {row: np.asarray(feature, np.float32) for row, feature in rows.items()}
        features = np.stack([values[key[:2]] for key in keys])
        path = tmp_path / f"shard-{name}.h5"
        write_shard(path, keys, features, recipe=RECIPE, versions=[{"numpy": version}])
        return read_index(path, RECIPE)

    return write


def test_each_case_and_source_has_its_place(shard):
    first = shard("1", {("b", "x"): [1, 2], ("a", "x"): [3, 4]})
    second = shard("2", {("a", "y"): [5, 6]})
    assert locate([first, second]) == {"a": {"x": (0, 0), "y": (1, 0)}, "b": {"x": (0, 1)}}
    assert locate([]) == {}


def test_the_same_feature_twice_is_found_at_its_first_place(shard):
    first = shard("1", {("a", "x"): [1, 2]})
    second = shard("2", {("a", "x"): [1, 2]}, stat="touched")
    assert locate([first, second]) == {"a": {"x": (0, 0)}}


def test_another_feature_of_the_same_file_names_both_shards_and_the_case(shard):
    shards = [shard("1", {("a", "x"): [1, 2]}), shard("2", {("a", "x"): [1, 3]})]
    message = r"shard-2\.h5: case `a` has another feature here than in shard-1\.h5, from the same"
    with pytest.raises(CacheError, match=message):
        locate(shards)
    with pytest.raises(CacheError, match=message):
        merge_shards(shards)


def test_another_width_names_both_shards(shard):
    shards = [shard("1", {("a", "x"): [1, 2]}), shard("2", {("b", "x"): [1, 2, 3]})]
    message = r"shard-2\.h5: has features of 3 values, and shard-1\.h5 of 2; delete the wrong one"
    with pytest.raises(CacheError, match=message):
        locate(shards)


def test_a_place_is_chosen_by_source_or_as_the_only_one():
    places = {"a": {"x": (0, 0), "y": (1, 0)}, "b": {"x": (0, 1)}}
    assert choose(places, "a", "y") == (1, 0)
    assert choose(places, "b", None) == (0, 1)
    assert choose(places, "b", "y") is None
    assert choose(places, "c", None) is choose(places, "c", "x") is None
    with pytest.raises(CacheError, match="case `a` has features of 2 versions of its scan"):
        choose(places, "a", None)


def test_merged_rows_are_sorted_each_once_with_their_features(shard):
    first = shard("1", {("c", "x"): [5, 6], ("a", "x"): [1, 2]})
    second = shard("2", {("b", "x"): [3, 4], ("a", "x"): [1, 2]}, version="2.0")
    merged = merge_shards([first, second])
    assert [key[:2] for key in merged.keys] == [("a", "x"), ("b", "x"), ("c", "x")]
    np.testing.assert_array_equal(merged.features, [[1, 2], [3, 4], [5, 6]])
    assert merged.tokens is None
    assert merged.versions == [{"numpy": "1.0"}, {"numpy": "2.0"}]


def test_the_order_of_shards_does_not_matter_to_what_they_merge_to(shard):
    shards = [
        shard("1", {("c", "x"): [5, 6]}, version="3"),
        shard("2", {("b", "x"): [3, 4], ("a", "y"): [7, 8]}, version="1"),
        shard("3", {("a", "x"): [1, 2]}, version="1"),
    ]
    merged = merge_shards(shards)
    for order in ([2, 0, 1], [1, 2, 0]):
        again = merge_shards([shards[number] for number in order])
        assert (again.keys, again.versions) == (merged.keys, merged.versions)
        np.testing.assert_array_equal(again.features, merged.features)


def test_the_same_feature_under_two_stats_is_kept_under_both(shard):
    shards = [shard("1", {("a", "x"): [1, 2]}), shard("2", {("a", "x"): [1, 2]}, stat="touched")]
    merged = merge_shards(shards)
    assert [key[2] for key in merged.keys] == ["s", "touched"]
    np.testing.assert_array_equal(merged.features, [[1, 2], [1, 2]])


def test_sound_features_are_read_bit_for_bit(shard):
    index = shard("1", {("a", "x"): [0.1, -0.0], ("b", "x"): [1e-40, 3e38]})
    found = read_checked(index)
    assert found.tobytes() == np.array([[0.1, -0.0], [1e-40, 3e38]], np.float32).tobytes()


def test_damaged_cases_are_named_and_no_more_than_five(shard):
    index = shard("1", {(f"case-{number}", "x"): [number, 1] for number in range(9)})
    with h5py.File(index.path, "r+") as file:
        file["feature"][2:9, 1] = 2
    with pytest.raises(CacheError) as caught:
        read_checked(index)
    assert "features of case-2, case-3, case-4, case-5, case-6, ... are damaged" in str(
        caught.value
    )
    assert "delete this file and run `mmfeat extract`" in str(caught.value)


def test_a_feature_that_is_not_finite_is_damaged_although_its_digest_fits(shard):
    index = shard("1", {("a", "x"): [1, 2], ("b", "x"): [1, np.inf]})
    with pytest.raises(CacheError, match="the features of b are damaged"):
        read_checked(index)
