"""Read every byte of a cache folder, and say in words what is wrong with it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mmfeat.cache.failures import read_failures
from mmfeat.cache.folder_files import is_ours
from mmfeat.cache.merging import locate, read_checked
from mmfeat.cache.recipe import read_recipe
from mmfeat.cache.shard import ShardIndex, read_index
from mmfeat.cache.shard_listing import shard_paths
from mmfeat.cache.shared_disk import ShardGoneError
from mmfeat.cache.token_reading import check_tokens
from mmfeat.errors import CacheError
from mmfeat.provenance import abandoned_partials, canonical_json, fingerprint


@dataclass(frozen=True)
class Verified:
    """Say what was read of a cache folder and what is wrong with it."""

    path: Path
    n_shards: int
    n_rows: int
    """Rows of the shards that are sound."""
    n_bytes: int
    """Bytes of the shards that were read, sound or not."""
    problems: tuple[str, ...]
    """What is wrong, and what to do about it."""
    leftovers: tuple[str, ...]
    """Files that do no harm but do not belong there, and what to do about them."""


def verify_folder(path: Path, on_read: Callable[[int], None]) -> Verified:
    """Read all of a cache folder; whatever is wrong with it goes into the answer.

    Args:
        path: The folder; it need not have a recipe that can be read.
        on_read: Is told the bytes of each shard once it has been read.
    """
    problems = []
    recipe: str | None = None
    try:
        identity = read_recipe(path)
        recipe = canonical_json(identity)
        if path.absolute().name != fingerprint(identity)[:12]:
            problems.append(
                f"{path}: its recipe has the fingerprint {fingerprint(identity)[:12]}, so no "
                "extraction finds it here; give the folder that name again, or restore recipe.json"
            )
    except CacheError as error:
        problems.append(str(error))
    try:
        read_failures(path)
    except CacheError as error:
        problems.append(str(error))
    sizes = _Sizes(on_read)
    n_rows = 0
    if recipe is not None:
        sound, faults = verify_shards(path, recipe, sizes.add)
        problems += faults
        n_rows = sum(len(shard.keys) for shard in sound)
    return Verified(
        path, len(sizes.read), n_rows, sum(sizes.read), tuple(problems), tuple(_leftovers(path))
    )


def verify_shards(
    folder: Path, recipe: str, on_read: Callable[[Path], None]
) -> tuple[list[ShardIndex], list[str]]:
    """Read the shards of a folder; return those that are sound, and what is wrong with the rest."""
    problems = []
    sound: list[ShardIndex] = []
    for path in shard_paths(folder):
        try:
            shard = read_index(path, recipe)
            read_checked(shard)
            check_tokens(shard)
        except (FileNotFoundError, ShardGoneError):
            continue  # compacted away meanwhile
        except CacheError as error:
            problems.append(str(error))
        else:
            sound.append(shard)
        on_read(path)
    try:
        locate(sound)
    except CacheError as error:
        problems.append(str(error))
    return sound, problems


class _Sizes:
    """Collect the sizes of the shards that were read."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        self.read: list[int] = []
        self._tell = tell

    def add(self, shard: Path) -> None:
        size_bytes = shard.stat().st_size if shard.exists() else 0
        self.read.append(size_bytes)
        self._tell(size_bytes)


def _leftovers(folder: Path) -> Iterator[str]:
    abandoned = set(abandoned_partials(folder, time.time()))
    for path in sorted(folder.iterdir()):
        if path in abandoned:
            yield f"{path}: left by a process that was killed; the next `mmfeat extract` removes it"
        elif not is_ours(path):
            yield f"{path}: is not a file of mmfeat; move it out of the cache folder"
