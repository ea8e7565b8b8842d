"""Cut the windows of scan after scan into batches of one size, which several scans may share.

The size never varies: what is left over is filled up with zeros. A network then does the same
arithmetic for a window whatever else is in its batch, so that its feature has the same bits.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from mmfeat.encoders.contract import Windows
from mmfeat.stages.extraction.reading import Scan


@dataclass(frozen=True)
class Part:
    """Name the windows of one scan in a batch."""

    scan: Scan
    start: int
    """The first of them, by its number in the scan."""
    n_windows: int


@dataclass(frozen=True)
class Batch:
    """Hold windows for one pass through the network, and whose they are."""

    windows: Windows
    """``(size, channels, ...)``; those beyond all parts are zeros."""
    parts: tuple[Part, ...]
    """In the order of the windows."""


def window_batches(scans: Iterable[Scan], size: int) -> Iterator[Batch]:
    """Yield batches of ``size`` windows, taking the windows away from the scans.

    A batch is held back until it is full, or a scan comes whose windows have another shape; the
    last one is filled up. Memory: one batch beside the scan that is being cut.
    """
    parts: list[Part] = []
    pieces: list[Windows] = []
    room = size
    for scan in scans:
        windows, scan.windows = scan.windows, None
        if windows is None:
            raise ValueError(f"{scan.job.path} has no windows")
        if pieces and pieces[0].shape[1:] != windows.shape[1:]:
            yield _filled_up(parts, pieces, size)
            parts, pieces, room = [], [], size
        start = 0
        while start < len(windows):
            pieces.append(windows[start : start + room])
            parts.append(Part(scan, start, len(pieces[-1])))
            start += len(pieces[-1])
            room -= len(pieces[-1])
            if room == 0:
                yield _filled_up(parts, pieces, size)
                parts, pieces, room = [], [], size
    if pieces:
        yield _filled_up(parts, pieces, size)


def _filled_up(parts: list[Part], pieces: list[Windows], size: int) -> Batch:
    if len(pieces[0]) == size:  # all of one scan: nothing need be copied
        return Batch(pieces[0], tuple(parts))
    batch = np.zeros((size, *pieces[0].shape[1:]), np.float32)
    np.concatenate(pieces, out=batch[: sum(map(len, pieces))])
    return Batch(batch, tuple(parts))
