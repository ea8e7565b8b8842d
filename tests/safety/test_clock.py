"""Clocks that jump by days, backwards and forwards, lose nothing and make nothing wait."""

import os
import time

import pytest

from .caches import cache_folder
from .uninterrupted import Uninterrupted

JUMPING = """
import itertools, time
real, days = time.time, itertools.cycle({days})
time.time = lambda: real() + 86400 * next(days)
"""


@pytest.fixture
def reference(host, cohort):
    return Uninterrupted(host, cohort)


@pytest.mark.parametrize("days", [[-3], [3], [0, 3, -3, 400], [-20_000]])
def test_a_clock_that_jumps_changes_nothing(host, cohort, reference, days):
    before = JUMPING.format(days=days)
    assert host.run("extract", "--limit", "5", folder=cohort.folder, before=before).code == 0
    kept = reference.check_kept({})
    assert len(kept) == 5
    start = time.monotonic()
    ended = host.run("extract", folder=cohort.folder, before=before)
    assert ended.code == 0, ended.err
    assert time.monotonic() - start < 5 * reference.elapsed_s + 10
    reference.check_kept(kept)
    reference.check_complete()


def test_cases_are_stored_in_time_although_the_clock_goes_back(host, cohort, reference):
    before = JUMPING.format(days=[3, 0, -3]) + COUNTS_MOVES
    settings = ("--set", "extract.shard_cases=1000", "--set", "extract.shard_seconds=0.0001")
    ended = host.run("extract", *settings, folder=cohort.folder, before=before)
    assert ended.code == 0, ended.err
    assert ended.out.count("a shard is in place") >= 3
    reference.check_complete()


COUNTS_MOVES = """
import os
move = os.replace

def replace(source, target, **named):
    move(source, target, **named)
    if str(target).endswith(".h5"):
        print("a shard is in place")

os.replace = replace
"""


def test_what_another_machine_writes_now_is_not_taken_for_abandoned(host, cohort, reference):
    assert host.run("extract", "--limit", "1", folder=cohort.folder).code == 0
    folder = cache_folder(cohort.folder).path
    fresh = folder / ".shard-a.1@another.node-0123abcd.partial.h5"
    old = folder / ".shard-b.1@another.node-0123abcd.partial.h5"
    for file in (fresh, old):
        file.write_bytes(b"half of a shard")
    os.utime(old, (1, 1))
    before = JUMPING.format(days=[3])
    assert host.run("extract", folder=cohort.folder, before=before).code == 0
    assert fresh.exists()
    assert not old.exists()
    fresh.unlink()
    reference.check_complete()
