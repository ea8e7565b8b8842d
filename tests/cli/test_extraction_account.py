"""What an extraction cost is told by stage, with what the limit was."""

import dataclasses
from pathlib import Path

import pytest
from mmfeat.cli.extraction_account import limit, show_account

from mmfeat.stages.extraction.plan import Plan
from mmfeat.stages.extraction.report import Tally


@pytest.fixture
def report():
    """Ten seconds of embedding, with two threads that were always busy."""
    tally = Tally(workers=2, batch_windows=8)
    tally.phases_s |= {"load": 1.0, "embed": 10.0}
    tally.costs.add("read", 2.0, 400_000_000)
    tally.costs.add("decode", 18.0, 1_500_000_000)
    tally.costs.add("forward", 4.0, 3_000)
    nothing = Plan(jobs=[], absent=[], done=[], failed_before={}, rejected_before={})
    return tally.report(modality="ct", encoder="mean", cache=Path("cache"), plan=nothing)


def test_stages_are_shown_with_seconds_bytes_and_speed(report, capsys):
    show_account(report)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["read", "2.0", "400.0", "MB", "200.0", "MB"] in lines
    assert ["decode", "18.0", "1.5", "GB", "83.3", "MB"] in lines


def test_where_nothing_was_done_nothing_is_shown(report, capsys):
    show_account(dataclasses.replace(report, stages={}))
    assert capsys.readouterr().out == ""


def test_the_limit_is_whatever_was_busy_all_the_time(report):
    assert limit(report) == (
        "seconds: plan 0.0, load 1.0, embed 10.0, finish 0.0; 2 reading threads 100% busy, "
        "device 40% busy: reading is the limit, more cores would help"
    )
    stages = {**report.stages, "forward": {"seconds": 9.5, "bytes": 1}}
    assert limit(dataclasses.replace(report, stages=stages)).endswith("the device is the limit")
    idle = dataclasses.replace(report, stages={"forward": {"seconds": 4.0, "bytes": 1}})
    assert limit(idle).endswith("device 40% busy")


def test_a_halved_batch_is_told(report):
    halved = dataclasses.replace(report, smallest_batch=2)
    assert "batches of 2 windows, as the device's memory was too small for 8" in limit(halved)
