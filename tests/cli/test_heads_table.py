"""What is shown of a training: rows on a terminal, lines in a file."""

import io

import pytest
from mmfeat.cli import heads_table
from mmfeat.cli.console import PlainConsole
from mmfeat.cli.heads_rows import HeadsRow, duration
from mmfeat.cli.heads_table import HeadsShown

from mmfeat.stages.training.head_order import HeadEpoch, HeadResult
from mmfeat.stages.training.plan import HeadKey
from mmfeat.stages.training.setting import Setting

HEADS = [
    HeadKey("cancer", method, 0, seed, setting=Setting((("dropout", 0.1),)))
    for method in ("mmfeat", "paper")
    for seed in (0, 1)
]


@pytest.fixture
def shown(monkeypatch):
    """A training in its middle, and what it wrote to a terminal or to a file."""

    def begin(terminal, height=30):
        out = io.StringIO()
        console = PlainConsole(file=out, force_terminal=terminal, width=110, height=height)
        monkeypatch.setattr(heads_table, "messages", console)
        made = HeadsShown()
        made.plan(HEADS)
        made.start("train", 4)
        return made, out

    return begin


def _go(made):
    made.end(HeadResult(HEADS[0], 0.0, 0.51), there_already=True)
    made.advance()
    made.epoch(HEADS[2], HeadEpoch("target", 34, 100))
    made.end(HeadResult(HEADS[1], 2.0, 0.49), there_already=False)
    made.advance()
    made.epoch(HEADS[3], HeadEpoch("contrastive", 2, 20))
    made.end(HeadResult(HEADS[3], 4.0, failure="the loss of epoch 3 is nan"), there_already=False)
    made.advance()


def test_a_terminal_has_a_row_for_each_method_and_setting(shown):
    made, out = shown(terminal=True)
    with made:
        _go(made)
    lines = [line.split() for line in out.getvalue().splitlines()]
    assert ["cancer", "mmfeat", "dropout=0.1", "2/2", "0.4900", "0:00:00"] in lines
    (row,) = [line for line in lines if line[:2] == ["cancer", "paper"] and "34/100" in line][-1:]
    assert row[3:] == ["0/2,", "1", "failed", "0:00:02", "0.0", "target", "34/100"]
    assert any("train: 3 of 4, " in line for line in out.getvalue().splitlines())


def test_a_file_has_a_line_for_each_finished_row_and_one_at_the_end(shown):
    made, out = shown(terminal=False)
    with made:
        _go(made)
    first, last = out.getvalue().splitlines()
    assert first == "cancer mmfeat dropout=0.1: 2 of 2 heads, best validation loss 0.4900"
    assert last.startswith("train: 3 of 4, ")


def test_rows_that_do_not_fit_the_screen_are_counted_and_those_in_training_stay(shown):
    made, out = shown(terminal=True, height=9)
    heads = [HeadKey(f"target-{number}", "paper", 0, 0) for number in range(12)]
    made.plan(heads)
    made.epoch(heads[-1], HeadEpoch("target", 1, 9))
    with made:
        pass
    assert "target-11" in out.getvalue()
    assert "target-5" not in out.getvalue()
    assert "11 rows more that are finished or wait" in out.getvalue()


def test_a_row_with_a_failed_head_ends_with_it():
    row = HeadsRow("cancer", "paper", "", n_heads=1)
    row.end(HeadResult(HEADS[2], 3.0, failure="nan"), there_already=False)
    assert row.n_left == 0
    assert row.sentence() == "cancer paper: 0 of 1 heads, 1 failed"


def test_times_are_shown_in_hours_minutes_and_seconds():
    assert duration(59.6) == "0:01:00"
    assert duration(36_000) == "10:00:00"
