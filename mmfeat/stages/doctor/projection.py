"""How long a cohort takes, from what a few scans took: arithmetic alone."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import ceil
from statistics import fmean
from typing import Any, Literal

Limit = Literal["reading", "device", "cores"]


@dataclass(frozen=True)
class Rates:
    """Say what one scan costs, on average, and on how much it was seen."""

    reading_s: float
    """Seconds of one reading thread."""
    model_s: float
    """Seconds of the device; 0 for an encoder without a network."""
    n_sample: int
    fastest_reading_s: float
    slowest_reading_s: float

    @classmethod
    def of(
        cls, reading_s: Sequence[float], prepared_bytes: Sequence[int], *, model_s_per_byte: float
    ) -> "Rates":
        """Average over a sample.

        Args:
            reading_s: Of each scan.
            prepared_bytes: Of the windows of each scan; the network's time goes with them.
            model_s_per_byte: From the scan that went through the network.
        """
        return cls(
            reading_s=fmean(reading_s),
            model_s=fmean(prepared_bytes) * model_s_per_byte,
            n_sample=len(reading_s),
            fastest_reading_s=min(reading_s),
            slowest_reading_s=max(reading_s),
        )


@dataclass(frozen=True)
class Row:
    """Say how long it takes with so many devices."""

    devices: int
    """GPUs of this machine, or machines like this one where the network runs on the CPU."""
    hours: float
    limit: Limit
    cores_needed: int | None
    """Cores with which no device would ever wait; None where there is no device to wait."""


@dataclass(frozen=True)
class Projection:
    """Say how long the scans that are left to do will take."""

    n_scans: int
    rates: Rates
    reading_threads: int
    """How many read at the same time, not more than cores."""
    on_cpu: bool
    """Whether the network shares the cores with reading, or there is no network."""
    rows: tuple[Row, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {**asdict(self), "rows": [asdict(row) for row in self.rows]}


def project(
    n_scans: int,
    rates: Rates,
    *,
    reading_threads: int,
    on_cpu: bool,
    devices: Sequence[int] = (1, 2, 4, 8),
) -> Projection:
    """Project the time of an extraction.

    With GPUs, reading and computing overlap, and the slower of them is the time:
    ``max(reading_s * n / threads, model_s * n / devices)``, where all devices share the threads of
    this machine. On a CPU both want the same cores, and their times add up; more of it means more
    machines like this one.

    Args:
        n_scans: Left to do.
        rates: Of one scan.
        reading_threads: Threads that read, each on a core of its own.
        on_cpu: Whether the network runs on the same cores.
        devices: For how many to project.

    Example:
        >>> rates = Rates(4.0, 1.0, 5, 3.0, 6.0)
        >>> [row.hours for row in project(3600, rates, reading_threads=8, on_cpu=False).rows]
        [1.0, 0.5, 0.5, 0.5]
    """
    reading_h = n_scans * rates.reading_s / reading_threads / 3600
    model_h = n_scans * rates.model_s / 3600
    rows = []
    for count in devices:
        if on_cpu:
            rows.append(Row(count, (reading_h + model_h) / count, "cores", None))
            continue
        hours = max(reading_h, model_h / count)
        limit: Limit = "device" if model_h / count >= reading_h else "reading"
        needed = ceil(count * rates.reading_s / rates.model_s) if rates.model_s else None
        rows.append(Row(count, hours, limit, needed))
    return Projection(n_scans, rates, reading_threads, on_cpu, tuple(rows))
