"""What each stage of extraction costs: seconds and bytes, of one scan or of all."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

STAGES = ("read", "decode", "judge", "prepare", "copy", "forward", "write")
"""In the order of the way of a scan: bytes of its files (read and digested); of its voxels (decoded
from the files that were just read, and judged); of the windows prepared; of those copied to the
device and computed on; of the shards written."""
READING_STAGES = STAGES[:4]
"""Those that the reading threads do."""


@dataclass
class StageCosts:
    """Add up seconds and bytes by stage."""

    seconds: dict[str, float] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)

    def add(self, stage: str, seconds: float, n_bytes: int = 0) -> None:
        """Add to one stage."""
        self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds
        self.bytes[stage] = self.bytes.get(stage, 0) + n_bytes

    def add_all(self, other: "StageCosts") -> None:
        """Add the costs of another scan or run."""
        for stage, seconds in other.seconds.items():
            self.add(stage, seconds, other.bytes.get(stage, 0))

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the time of a block, also when it raises."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.add(stage, time.perf_counter() - start)

    def to_json(self) -> dict[str, dict[str, float]]:
        """Return seconds and bytes of each stage that there was, in the order of the work."""
        return {
            stage: {"seconds": round(self.seconds[stage], 6), "bytes": self.bytes[stage]}
            for stage in STAGES
            if stage in self.seconds
        }
