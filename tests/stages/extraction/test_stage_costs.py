"""Costs add up, scan by scan and stage by stage."""

import pytest

from mmfeat.stages.extraction.stage_costs import READING_STAGES, STAGES, StageCosts


def test_costs_of_scans_add_up():
    one, other = StageCosts(), StageCosts()
    one.add("read", 1.0, 100)
    one.add("read", 0.5)
    other.add("read", 2.0, 50)
    other.add("forward", 4.0, 8)
    one.add_all(other)
    assert one.to_json() == {
        "read": {"seconds": 3.5, "bytes": 150},
        "forward": {"seconds": 4.0, "bytes": 8},
    }
    assert other.seconds == {"read": 2.0, "forward": 4.0}


def test_stages_are_told_in_the_order_of_the_work():
    costs = StageCosts()
    for stage in reversed(STAGES):
        costs.add(stage, 1.0)
    assert tuple(costs.to_json()) == STAGES
    assert STAGES[: len(READING_STAGES)] == READING_STAGES


def test_a_block_is_timed_also_when_it_raises():
    costs = StageCosts()
    with pytest.raises(ValueError, match=r"^no$"), costs.timed("decode"):
        raise ValueError("no")
    assert costs.seconds["decode"] > 0
    assert costs.bytes["decode"] == 0
