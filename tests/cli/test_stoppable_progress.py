"""A stage stops at the next report after a request."""

import pytest
from mmfeat.cli.stoppable_progress import StoppableProgress

from mmfeat.errors import Interrupted


class _Seen:
    def __init__(self):
        self.calls = []

    def start(self, task, total):
        self.calls.append((task, total))

    def advance(self, steps=1, note=""):
        self.calls.append((steps, note))


def test_progress_is_passed_on_until_a_stop_is_asked_for():
    seen, asked = _Seen(), []
    progress = StoppableProgress(seen, lambda: bool(asked))
    progress.start("intervals", 3)
    progress.advance(2, "mmfeat")
    asked.append(True)
    with pytest.raises(Interrupted, match="run the same command again"):
        progress.advance()
    assert seen.calls == [("intervals", 3), (2, "mmfeat"), (1, "")]
    with pytest.raises(Interrupted, match="no result is written yet"):
        progress.start("more", 1)
    assert seen.calls[-1] == (1, "")
