"""Compare the space that a run needs with what is free."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mmfeat.size_in_words import size_in_words
from mmfeat.stages.doctor.disk import Place
from mmfeat.stages.doctor.finding import Finding

_BYTES_BESIDE = 800
"""Of a case in the tables and lists beside the shards."""
_FILES_BESIDE = 20
_MANY_FILES = 1_000_000
_COMFORTABLE_BYTES = 1e9
"""A run folder with hundreds of heads is well below this."""
_MAKE_ROOM = "make room there, or choose another folder in the settings"
_QUOTA = "a quota of your own may leave you less; `quota -s` shows it where there is one"


@dataclass(frozen=True)
class SpaceNeeded:
    """Say what a cache will take, at its largest: while all shards are written into one."""

    n_bytes: int
    n_files: int


def cache_space(n_to_do: int, n_done: int, *, row_bytes: int, shard_cases: int) -> SpaceNeeded:
    """Return what is needed beyond what is stored.

    Every new case is stored once in a shard, and every case once more when the shards become one.

    Args:
        n_to_do: Cases that have no feature yet.
        n_done: Cases that have one.
        row_bytes: Of a case in a shard, with its tokens where they are kept.
        shard_cases: Cases in a shard.

    Example:
        >>> cache_space(10, 5, row_bytes=1600, shard_cases=4)
        SpaceNeeded(n_bytes=48000, n_files=23)
    """
    n_bytes = n_to_do * (row_bytes + _BYTES_BESIDE) + (n_to_do + n_done) * row_bytes
    return SpaceNeeded(n_bytes, math.ceil(n_to_do / shard_cases) + _FILES_BESIDE)


def cache_space_finding(place: Place, needed: Sequence[SpaceNeeded]) -> Finding:
    """Compare what a cache needs with what is free: less is a problem, less than twice a warning.

    Args:
        place: Where the cache is, or will be.
        needed: By each modality.
    """
    n_bytes, n_files = sum(one.n_bytes for one in needed), sum(one.n_files for one in needed)
    room = min(
        place.free_bytes / max(n_bytes, 1),
        math.inf if place.free_files is None else place.free_files / max(n_files, 1),
    )
    message = f"at most {size_in_words(n_bytes)} in {n_files} files are needed; {_free(place)}"
    if room < 1:
        return Finding("cache space", "problem", message, f"{_MAKE_ROOM}; {_QUOTA}")
    if room < 2:
        return Finding("cache space", "warning", message, f"{_MAKE_ROOM}; {_QUOTA}")
    return Finding("cache space", "ok", f"{message}; {_QUOTA}" if place.is_network else message)


def run_space_finding(place: Place) -> Finding:
    """Say whether there is room for heads, predictions and figures, which nobody can size ahead."""
    if place.free_bytes < _COMFORTABLE_BYTES:
        return Finding("run space", "warning", _free(place), f"{_MAKE_ROOM}; {_QUOTA}")
    return Finding("run space", "ok", _free(place))


def _free(place: Place) -> str:
    few = place.free_files is not None and place.free_files < _MANY_FILES
    files = f" and {place.free_files} files" if few else ""
    return f"{size_in_words(place.free_bytes)}{files} free in {place.folder}"
