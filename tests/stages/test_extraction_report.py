import json
import time
from pathlib import Path

import pytest

from mmfeat.stages.extraction_plan import Job, Plan
from mmfeat.stages.extraction_report import ExtractReport, Tally


@pytest.fixture
def plan():
    """Nine cases: one absent, two done, one failed and one rejected before, four of two scans."""
    return Plan(
        jobs=[
            Job(Path("1.nii"), {"e": frozenset(), "f": frozenset(["old"]), "g": frozenset()}),
            Job(Path("2.nii"), {"h": frozenset()}),
        ],
        absent=["a"],
        done=["b", "c"],
        failed_before={"d": "is truncated"},
        rejected_before={"i": "rejected: too few slices"},
    )


def _report(tally, plan, modality="ct"):
    return tally.report(modality=modality, encoder="mean", cache=Path("cache/ct/ab"), plan=plan)


@pytest.fixture
def tally(plan):
    """The work as the plan leaves it."""
    return Tally(
        n_done=len(plan.done),
        failures=plan.failed_before | plan.rejected_before,
        rejected=set(plan.rejected_before),
    )


def _sum(report):
    done = report.n_absent + report.n_done_before + report.n_extracted + report.n_pending
    return done + len(report.failures)


def test_before_the_work_all_cases_with_a_job_are_pending(plan, tally):
    report = _report(tally, plan)
    assert (report.n_cases, report.n_absent, report.n_done_before, report.n_pending) == (9, 1, 2, 4)
    assert report.failures == {"d": "is truncated", "i": "rejected: too few slices"}
    assert report.n_rejected == 1
    assert _sum(report) == report.n_cases


def test_every_case_is_in_one_place_while_the_work_goes_on(plan, tally):
    tally.n_scans, tally.n_extracted, tally.n_changed = 1, 3, 1
    report = _report(tally, plan)
    assert (report.n_extracted, report.n_changed, report.n_pending) == (3, 1, 1)
    assert _sum(report) == report.n_cases
    tally.n_scans += 1
    tally.failures["h"] = "is gone"
    report = _report(tally, plan)
    assert (report.n_pending, len(report.failures)) == (0, 3)
    assert _sum(report) == report.n_cases


def test_a_report_is_plain_json(plan, tally):
    tally.n_extracted = 3
    found = json.loads(json.dumps(_report(tally, plan).to_json()))
    assert found["cache"] == "cache/ct/ab"
    assert found["n_failed"] == 2
    assert found["failures"]["d"] == "is truncated"
    assert found["cases_per_s"] > 0


def test_failures_are_counted_over_all_modalities(plan, tally):
    reports = (_report(tally, plan), _report(Tally(n_done=2), plan, "pet"))
    whole = ExtractReport(reports, {"clinical": "table"}, 1.5)
    assert whole.n_failed == 2
    found = json.loads(json.dumps(whole.to_json()))
    assert [one["modality"] for one in found["modalities"]] == ["ct", "pet"]
    assert found["not_extracted"] == {"clinical": "table"}
    assert (found["n_failed"], found["wall_s"]) == (2, 1.5)


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is moved on by so many seconds."""
    now = [100.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    def move(elapsed_s):
        now[0] += elapsed_s

    return move


def test_speed_is_that_of_the_cases_embedded_now(plan, clock):
    tally = Tally(n_done=2, n_extracted=3, started=time.perf_counter())
    clock(2)
    report = _report(tally, plan)
    assert (report.wall_s, report.cases_per_s) == (2, 1.5)


def test_nothing_done_in_no_time_has_no_speed(plan, clock):
    assert _report(Tally(started=time.perf_counter()), plan).cases_per_s == 0


def test_steps_add_up_also_when_one_ends_with_an_error(clock):
    tally = Tally()
    with tally.timed("load"):
        clock(3)

    def fail():
        with tally.timed("load"):
            clock(4)
            raise ValueError("no")

    with pytest.raises(ValueError, match=r"^no$"):
        fail()
    assert tally.seconds["load"] == 7
    assert tally.seconds["plan"] == 0


def test_a_step_without_a_name_of_the_report_is_a_mistake():
    with pytest.raises(KeyError, match="lunch"), Tally().timed("lunch"):
        pass


def test_only_the_time_until_an_item_comes_is_waiting(clock):
    def slow():
        for number in range(2):
            clock(1)
            yield number
        clock(0.5)  # until it is known that no more come

    tally = Tally()
    for _ in tally.timed_wait(slow()):
        clock(60)  # the work on it
    assert tally.seconds["wait"] == 2.5
    assert list(tally.timed_wait([])) == []


def test_tallies_share_nothing():
    first, second = Tally(), Tally()
    first.failures["a"] = "x"
    first.seconds["plan"] += 1
    assert second.failures == {}
    assert second.seconds["plan"] == 0
