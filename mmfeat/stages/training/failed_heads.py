"""Heads that a shard of a training could not train: what the end of the training must know."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from mmfeat.errors import TrainError
from mmfeat.provenance import fingerprint, write_json
from mmfeat.stages.training.head_order import HeadOrder, HeadResult
from mmfeat.stages.training.plan import HeadKey
from mmfeat.work_shard import WorkShard

FAILED = "failed"
"""Folder of a run with a file for each shard that has such heads."""


def write_failed_heads(
    run: Path, shard: WorkShard, failed: Iterable[HeadResult], orders: Mapping[str, HeadOrder]
) -> None:
    """Write which heads of a shard could not be trained, and why; nothing where there are none.

    Args:
        run: The run.
        shard: Whose heads.
        failed: What became of them.
        orders: The orders of the heads that were to be trained, by the head's name.
    """
    file = run / FAILED / f"{shard.index}-of-{shard.count}.json"
    found = [
        {
            "head": one.key.name,
            "identity": fingerprint(orders[one.key.name].identity),
            "reason": one.failure,
        }
        for one in failed
    ]
    if found:
        write_json(file, found)
    else:
        file.unlink(missing_ok=True)


class FailedHeads:
    """Know why heads are missing."""

    def __init__(self, run: Path) -> None:
        """Read what the shards of a training wrote.

        Raises:
            TrainError: A file cannot be read.
        """
        self._reasons: dict[tuple[str, str], str] = {}  # by name and identity
        for file in sorted((run / FAILED).glob("*.json")):
            try:
                for one in json.loads(file.read_text(encoding="utf-8")):
                    self._reasons[one["head"], one["identity"]] = one["reason"]
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise TrainError(
                    f"{file}: cannot be read ({error}); delete it, and run its shard again"
                ) from error

    def names(self, key: HeadKey) -> bool:
        """Say whether a head of this name could not be trained, whatever it was made from."""
        return any(name == key.name for name, _ in self._reasons)

    def reason(self, order: HeadOrder) -> str | None:
        """Return why this very head could not be trained; None where nobody has tried."""
        return self._reasons.get((order.key.name, fingerprint(order.identity)))
