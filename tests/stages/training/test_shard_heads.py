from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmfeat.config.record_variants import NO_RECORD, RecordVariant
from mmfeat.fusion import get_method
from mmfeat.stages.training.plan import TrainingPlan
from mmfeat.stages.training.setting import settings_of
from mmfeat.stages.training.shard_heads import heads_of_shard
from mmfeat.work_shard import WorkShard

PLR = RecordVariant("plr", {"clinical": "plr"})


def _plan(targets=("cancer",), methods=("mmfeat", "average"), seeds=(0, 1, 2), folds=5, **more):
    return TrainingPlan(
        targets, {name: get_method(name) for name in methods}, seeds, folds, (), **more
    )


def _shards(plan, count):
    return [heads_of_shard(plan, shard) for shard in WorkShard.all(count)]


@settings(max_examples=40, deadline=None)
@given(
    n_targets=st.integers(1, 3),
    n_seeds=st.integers(1, 4),
    n_folds=st.integers(1, 5),
    count=st.integers(1, 40),
    with_record=st.booleans(),
)
def test_every_head_is_in_one_shard_and_shards_are_alike(
    n_targets, n_seeds, n_folds, count, with_record
):
    plan = _plan(
        tuple(f"t{number}" for number in range(n_targets)),
        seeds=tuple(range(n_seeds)),
        folds=n_folds,
        variants=(NO_RECORD, PLR) if with_record else (NO_RECORD,),
    )
    shards = _shards(plan, count)
    assert Counter(key for keys in shards for key in keys) == Counter(plan.all_heads())
    share = plan.n_heads / count
    assert all(len(keys) <= 1.2 * share + 1 for keys in shards)


def test_scenes_stay_whole_where_they_can():
    shards = _shards(_plan(folds=4), 2)
    assert [{key.fold for key in keys} for keys in shards] == [{0, 1}, {2, 3}]
    targets = [{key.target for key in keys} for keys in _shards(_plan(("a", "b")), 2)]
    assert targets == [{"a"}, {"b"}]


def test_a_scene_that_is_cut_gives_each_part_the_same_mixture_of_methods():
    plan = _plan(methods=("mmfeat", "paper"), seeds=tuple(range(4)), folds=1)
    for keys in _shards(plan, 4):
        assert Counter(key.method for key in keys) == {"mmfeat": 1, "paper": 1}


def test_no_more_scenes_are_cut_than_there_are_cuts():
    plan = _plan(settings=settings_of({"dropout": [0.1, 0.2, 0.3]}), folds=5)
    shards = _shards(plan, 3)
    scenes = [{(key.target, key.fold) for key in keys} for keys in shards]
    assert sum(map(len, scenes)) <= 5 + 2


def test_a_share_of_more_shards_than_heads_may_be_empty():
    sizes = [len(keys) for keys in _shards(_plan(methods=("average",), folds=2), 5)]
    assert sorted(sizes) == [0, 0, 0, 1, 1]


@pytest.mark.parametrize("count", [1, 3])
def test_the_order_of_seeds_and_folds_is_kept_within_a_method(count):
    for keys in _shards(_plan(methods=("paper",)), count):
        assert [(key.fold, key.seed) for key in keys] == sorted((k.fold, k.seed) for k in keys)
