"""The simulation behind docs/scaling.md does what it says, and the page has its numbers."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from mmfeat.work_shard import WorkShard

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def scaling():
    place = PROJECT / "benchmarks" / "scaling.py"
    spec = importlib.util.spec_from_file_location("scaling", place)
    module = importlib.util.module_from_spec(spec)
    sys.modules["scaling"] = module  # dataclasses look for their module there
    spec.loader.exec_module(module)
    yield module
    del sys.modules["scaling"]


@pytest.fixture
def random():
    return np.random.default_rng(0)


def test_without_trouble_the_time_is_what_can_be_worked_out_by_hand(scaling, random):
    alike = scaling.Trouble("alike", speed_sd=0.0)
    outcome = scaling.simulate(np.full(6, 100.0), 2, alike, random, start_s=10.0)
    assert outcome == scaling.Outcome(330.0, 660.0, 0)


def test_a_worker_that_takes_twice_as_long_does_fewer_shards(scaling, random):
    slow = scaling.Trouble("slow", speed_sd=0.0, slow=((1.0, 2.0),))
    outcome = scaling.simulate(np.full(4, 100.0), 2, slow, random, start_s=0.0)
    assert outcome.elapsed_s == 400.0


def test_an_interruption_costs_its_start_its_wait_and_what_was_not_stored(scaling, random):
    spot = scaling.Trouble("spot", speed_sd=0.0, preempted_every_s=500.0, without_notice=0.0)
    work = np.full(40, 300.0)
    outcome = scaling.simulate(work, 4, spot, random, start_s=20.0)
    assert outcome.n_restarts > 5
    least, most = work.sum() + 20 * len(work), work.sum() + 20 * (len(work) + outcome.n_restarts)
    assert least <= outcome.busy_s <= most + 1e-6
    assert outcome.elapsed_s > outcome.busy_s / 4


def test_scans_are_dealt_as_shards_deal_them(scaling):
    n_scans, n_shards = 50, 4
    work = scaling.shard_work(n_scans, n_shards, np.random.default_rng(3))
    sigma = scaling.SIZE_SIGMA
    sizes = np.random.default_rng(3).lognormal(-(sigma**2) / 2, sigma, n_scans)
    in_order = np.sort(sizes)[::-1]
    names = {f"{place:03d}": n_scans - place for place in range(n_scans)}
    for shard in WorkShard.all(n_shards):
        picked = sum(in_order[int(name)] for name in shard.pick(names))
        assert work[shard.index] == pytest.approx(picked)


def test_the_page_has_the_numbers_of_the_simulation(scaling):
    page = (PROJECT / "docs" / "scaling.md").read_text()
    small = scaling.row(scaling.SMALL, scaling.SPOT, repeats=50, seed=0, price=2.5)
    for line in (*scaling.rates(), *scaling.sizes(), scaling.HOURS_HEAD, small):
        assert line in page
