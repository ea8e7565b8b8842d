import json
import time
from pathlib import Path

import pytest

from mmfeat.stages.extraction.plan import Job, Plan
from mmfeat.stages.extraction.reading import Scan
from mmfeat.stages.extraction.report import ExtractReport, Tally


@pytest.fixture
def plan():
    """Nine cases: one absent, two done, one failed and one rejected before, four of two scans."""
    return Plan(
        jobs=[
            Job(Path("1.nii"), {"e": frozenset(), "f": frozenset(["old"]), "g": frozenset()}),
            Job(Path("2.nii"), {"h": frozenset()}),
        ],
        absent=["a"],
        done=[("b", Path("b.nii")), ("c", Path("c.nii"))],
        failed_before={("d", Path("d.nii")): "is truncated"},
        rejected_before={("i", Path("i.nii")): "rejected: too few slices"},
    )


def _report(tally, plan, modality="ct"):
    return tally.report(modality=modality, encoder="mean", cache=Path("cache/ct/ab"), plan=plan)


@pytest.fixture
def tally(plan):
    """The work as the plan leaves it."""
    tally = Tally()
    tally.begin(plan)
    return tally


def _sum(report):
    done = report.n_absent + report.n_done_before + report.n_extracted + report.n_pending
    return done + len(report.failures)


def test_before_the_work_all_cases_with_a_job_are_pending(plan, tally):
    report = _report(tally, plan)
    assert (report.n_cases, report.n_absent, report.n_done_before, report.n_pending) == (9, 1, 2, 4)
    assert report.failures == {
        ("d", "d.nii"): "is truncated",
        ("i", "i.nii"): "rejected: too few slices",
    }
    assert report.n_rejected == 1
    assert _sum(report) == report.n_cases


def test_every_case_is_in_one_place_while_the_work_goes_on(plan, tally):
    tally.n_scans, tally.n_extracted, tally.n_changed = 1, 3, 1
    report = _report(tally, plan)
    assert (report.n_extracted, report.n_changed, report.n_pending) == (3, 1, 1)
    assert _sum(report) == report.n_cases
    tally.n_scans += 1
    gone = Scan(plan.jobs[1], "", failure="is gone")
    tally.fail(["h"], gone)
    report = _report(tally, plan)
    assert (report.n_pending, len(report.failures)) == (0, 3)
    assert _sum(report) == report.n_cases
    assert report.failures["h", "2.nii"] == "is gone"
    assert report.n_rejected == 1


def test_cases_that_nobody_asked_for_are_not_pending(plan, tally):
    n_pending = _report(tally, plan).n_pending
    tally.n_not_asked = 3
    report = _report(tally, plan)
    assert (report.n_pending, report.n_not_asked) == (n_pending, 3)
    assert _sum(report) + 3 == report.n_cases


def test_a_scan_that_was_measured_and_then_fails_is_rejected(plan, tally):
    tally.fail(["h"], Scan(plan.jobs[1], "", failure="rejected: no air", quality="{}"))
    assert _report(tally, plan).n_rejected == 2


def test_a_report_is_plain_json(plan, tally):
    tally.n_extracted = 3
    found = json.loads(json.dumps(_report(tally, plan).to_json()))
    assert found["cache"] == "cache/ct/ab"
    assert found["n_failed"] == 2
    assert found["failures"][0] == {"case_id": "d", "path": "d.nii", "reason": "is truncated"}
    assert found["cases_per_s"] > 0


def test_failures_are_counted_over_all_modalities(plan, tally):
    reports = (_report(tally, plan), _report(Tally(), plan, "pet"))
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


def test_phases_add_up_to_the_wall_time_also_when_one_ends_with_an_error(plan, clock):
    tally = Tally(started=time.perf_counter())
    with tally.phase("load"):
        clock(3)

    def fail():
        with tally.phase("embed"):
            clock(4)
            raise ValueError("no")

    with pytest.raises(ValueError, match=r"^no$"):
        fail()
    report = _report(tally, plan)
    assert report.phases_s == {"plan": 0, "load": 3, "embed": 4, "finish": 0}
    assert report.wall_s == 7


def test_a_phase_without_a_name_of_the_report_is_a_mistake():
    with pytest.raises(KeyError, match="lunch"), Tally().phase("lunch"):
        pass


def test_how_busy_threads_and_device_were_is_said_of_the_time_of_embedding(plan, clock):
    tally = Tally(workers=2)
    with tally.phase("load"):
        clock(100)
    with tally.phase("embed"):
        clock(10)
    for stage, seconds in {"read": 2, "decode": 8, "judge": 1, "prepare": 4, "forward": 9}.items():
        tally.costs.add(stage, seconds)
    report = _report(tally, plan)
    assert report.reading_busy == 15 / 20
    assert report.device_busy == 0.9
    assert report.to_json()["device_busy"] == 0.9


def test_nothing_embedded_is_nothing_busy(plan):
    report = _report(Tally(), plan)
    assert (report.reading_busy, report.device_busy) == (0, 0)


def test_tallies_share_nothing():
    first, second = Tally(), Tally()
    first.failures["a", "a.nii"] = "x"
    first.phases_s["plan"] += 1
    first.costs.add("read", 1)
    assert second.failures == {}
    assert second.phases_s["plan"] == 0
    assert second.costs.seconds == {}
