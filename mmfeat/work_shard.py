"""A share of the work, cut so that any machine can do it without asking another."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from mmfeat.errors import ConfigError

_FORM = re.compile(r"\s*(\d+)\s*/\s*(\d+)\s*")


@dataclass(frozen=True)
class WorkShard:
    """One of ``count`` shares of the work, numbered from 0.

    Example:
        >>> shard = WorkShard.parse("0/2")
        >>> sorted(shard.pick({"big": 90, "bigger": 95, "small": 10, "tiny": 5}))
        ['bigger', 'tiny']
    """

    index: int
    count: int

    def __post_init__(self) -> None:
        """Refuse a share that there is not."""
        if not 0 <= self.index < self.count:
            raise ValueError(f"index must be from 0 to {self.count - 1}, got {self.index}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a share that is written as ``i/n``.

        Raises:
            ConfigError: It is not written so, or there is no such share.
        """
        match = _FORM.fullmatch(text)
        if match is None or int(match[2]) == 0:
            raise ConfigError(
                f"--shard {text}: must be I/N, share I of N, such as 0/16 for the first of 16"
            )
        index, count = int(match[1]), int(match[2])
        if index >= count:
            raise ConfigError(
                f"--shard {text}: shards are numbered from 0, so the last of {count} is "
                f"{count - 1}/{count}"
            )
        return cls(index, count)

    @classmethod
    def all(cls, count: int) -> tuple[Self, ...]:
        """Return all shares of the work."""
        return tuple(cls(index, count) for index in range(count))

    def pick(self, sizes: Mapping[str, int]) -> frozenset[str]:
        """Return the keys that are this share's; each key is in one share.

        The largest are dealt out first, to and fro, so that shares weigh much the same. Who gets
        what depends on keys and sizes alone, and not on their order or on what is done by now.

        Args:
            sizes: How much work each key is, in any unit.
        """
        ranked = sorted(sizes, key=lambda key: (-sizes[key], key))
        return frozenset(key for place, key in enumerate(ranked) if self._gets(place))

    def _gets(self, place: int) -> bool:
        turn, seat = divmod(place, self.count)
        return self.index == (self.count - 1 - seat if turn % 2 else seat)

    def __str__(self) -> str:
        """Return the share as it is written on the command line."""
        return f"{self.index}/{self.count}"
