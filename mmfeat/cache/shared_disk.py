"""What a cache folder has to bear: disks that refuse, and shards that other processes move."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from mmfeat.disk_trouble import disk_advice
from mmfeat.errors import CacheError


class ShardGoneError(Exception):
    """A shard has gone whose tokens were to be read, perhaps while another file was written.

    It is no OSError, which there would be one of writing; ``while_shards_move`` looks again.
    """


_LOOKS = 20
"""How often a reader looks again when shards vanish under it; each compaction costs it one look."""
_T = TypeVar("_T")


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turn an OSError of writing to a cache folder into a CacheError that says what to do."""
    try:
        yield
    except OSError as error:
        raise CacheError(
            f"{folder}: cannot be written to ({error}); {disk_advice(error)}, or choose another "
            "`extract.cache`, and run the command again; everything stored is kept"
        ) from error


def while_shards_move(operation: Callable[[], _T]) -> _T:
    """Do something again when a shard has gone meanwhile: its rows are in a larger one now."""
    gone: Exception | None = None
    for _ in range(_LOOKS):
        try:
            return operation()
        except (FileNotFoundError, ShardGoneError) as error:
            gone = error
    raise CacheError(f"shards keep vanishing while they are read ({gone}); run the command again")
