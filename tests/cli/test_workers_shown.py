"""The workers of a job in one view: a table on a terminal, lines elsewhere."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from mmfeat.cli import workers_shown
from mmfeat.cli.console import PlainConsole
from mmfeat.cli.workers_shown import WorkersShown

from mmfeat.launching.local.crew import Post, ShardEnd
from mmfeat.launching.local.places import Place
from mmfeat.launching.worker_state import WorkerState
from mmfeat.work_shard import WorkShard

STATE = WorkerState("0/4", "running", "n", 1, "a", "b", phase="ct: ct-fm", n_done=5, n_total=10)
DONE = replace(STATE, shard="2/4", state="done", n_done=10, n_failed=1, exit_code=3)
POSTS = [
    Post(Place("GPU 0", {}), WorkShard(0, 4), 1, STATE),
    Post(Place("GPU 1", {}), WorkShard(1, 4), 2, None),
]
ENDS = [ShardEnd(WorkShard(2, 4), 3, 1, DONE, Path("2.log"))]


@pytest.fixture
def shown_on(monkeypatch):
    """A function that shows the workers on a terminal, or not, and returns what was written."""

    def show(*, is_terminal):
        out = StringIO()
        console = PlainConsole(file=out, force_terminal=is_terminal, width=100)
        monkeypatch.setattr(workers_shown, "messages", console)
        with WorkersShown(4) as shown:
            shown.look(POSTS, ENDS)
            shown.tell("a note [bold]")
        return out.getvalue()

    return show


def test_elsewhere_than_on_a_terminal_each_end_is_a_line_and_the_sum_the_last(shown_on):
    lines = shown_on(is_terminal=False).splitlines()
    assert lines[:2] == ["shard 2/4: done, 10 steps, 1 failed", "a note [bold]"]
    # One shard of four is done and half of another.
    assert lines[2].startswith("1 of 4 shards, 15 of 20 steps, ")
    assert lines[2].endswith(" left")


def test_on_a_terminal_each_worker_has_a_row(shown_on):
    text = shown_on(is_terminal=True)
    assert "1 of 4 shards, 15 of 20 steps" in text
    assert "GPU 0" in text
    assert "ct: ct-fm" in text
    assert "starts, second start" in text
    assert "a note [bold]" in text


def test_a_shard_that_failed_or_was_not_begun_says_so(monkeypatch):
    out = StringIO()
    monkeypatch.setattr(workers_shown, "messages", PlainConsole(file=out, width=100))
    failed = replace(STATE, state="failed", message="disk full")
    ends = [
        ShardEnd(WorkShard(0, 2), 2, 1, failed, Path("0.log")),
        ShardEnd(WorkShard(1, 2), None, 0, None, Path("1.log")),
    ]
    with WorkersShown(2) as shown:
        shown.look([], ends)
    lines = out.getvalue().splitlines()
    assert lines[:2] == ["shard 0/2: failed: disk full", "shard 1/2: not begun"]
