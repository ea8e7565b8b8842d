"""`timings.jsonl`: what each case cost, one line a case; for people, no feature depends on it."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from mmfeat.cache.rows import FeatureRow

TIMINGS_NAME = "timings.jsonl"


def note_timings(folder: Path, rows: Sequence[FeatureRow]) -> None:
    """Add the costs of cases; lines of several processes do not mix.

    Raises:
        OSError: The disk refuses.
    """
    lines = [json.dumps({"case_id": row.case_id, **row.costs}) + "\n" for row in rows if row.costs]
    with (folder / TIMINGS_NAME).open("a+b", buffering=0) as stream:
        if stream.tell():  # a kill or a full disk may have cut the last line
            stream.seek(-1, os.SEEK_END)
            if stream.read(1) != b"\n":
                lines.insert(0, "\n")
        stream.write("".join(lines).encode())  # one write, to wherever the end is by now
