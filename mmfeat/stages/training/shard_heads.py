"""Which heads a shard of a training has: neighbours in one fixed order of all heads.

Targets are outermost in that order, so that a shard holds whole stacks of networks of one shape,
and few features and record encoders are fitted by two shards. Within a scene the methods are spread
evenly: wherever it is cut, both parts have the same mixture of slow and quick methods.
"""

from collections.abc import Sequence
from itertools import accumulate

from mmfeat.stages.training.plan import HeadKey, TrainingPlan
from mmfeat.work_shard import WorkShard

_NEAR = 0.1
"""A scene is not cut for less than this part of a shard."""


def heads_of_shard(plan: TrainingPlan, shard: WorkShard) -> tuple[HeadKey, ...]:
    """Return the heads of one shard; those of all shards together are the plan's, each once.

    It depends on the plan and the number of shards alone, never on which heads there are already.
    A shard has none where there are more shards than heads.
    """
    scenes = [
        _spread(list(plan.heads_of(fold, target, variant)))
        for target in plan.targets
        for variant in plan.variants
        for fold in range(plan.n_folds)
    ]
    cuts = _cuts([len(heads) for heads in scenes], shard.count)
    in_order = [key for heads in scenes for key in heads]
    return tuple(in_order[cuts[shard.index] : cuts[shard.index + 1]])


def _spread(heads: Sequence[HeadKey]) -> list[HeadKey]:
    """Mix the methods of a scene: after any part of the list, that part of each method is over."""
    of_method: dict[str, list[HeadKey]] = {}
    for key in heads:
        of_method.setdefault(key.method, []).append(key)
    placed = [
        ((place + 0.5) / len(keys), number, key)
        for number, keys in enumerate(of_method.values())
        for place, key in enumerate(keys)
    ]
    return [key for _, _, key in sorted(placed, key=lambda one: one[:2])]


def _cuts(sizes: Sequence[int], count: int) -> list[int]:
    """Return where shards begin in the order of all heads, and where the last one ends.

    Args:
        sizes: Heads of each scene.
        count: Shards.

    Example:
        >>> _cuts([10, 10, 10, 10], 2)  # between scenes
        [0, 20, 40]
        >>> _cuts([10, 10, 10], 2)  # in the middle of one
        [0, 15, 30]
        >>> _cuts([25, 25, 25, 26], 4)  # near enough
        [0, 25, 50, 75, 101]
    """
    ends = [0, *accumulate(sizes)]
    share = ends[-1] / count
    cuts = []
    for number in range(count + 1):
        even = number * share
        nearest = min(ends, key=lambda end: abs(end - even))
        cuts.append(nearest if abs(nearest - even) <= _NEAR * share else round(even))
    return cuts
