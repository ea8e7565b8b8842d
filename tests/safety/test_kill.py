"""SIGKILL at any moment loses no finished case, tears no file, and changes no bit of the rest.

``MMFEAT_KILLS=200`` runs the slow suite: so many kills at random moments, one at every single
write to the disk, and some of programs that start afresh. The usual suite does a few.
"""

import itertools
import random
import signal
import subprocess
import sys
import time

import pytest

from ..stages.extraction_cohort import MadeCohort, make_cohort
from .caches import cache_folder, leftovers
from .kill_count import KILLS, USUAL
from .uninterrupted import Uninterrupted

TOKENS = "intensity-stats, features: tokens, max_tokens: 8"
DEADLY_CALL = """
import os, signal
left = {number}

def deadly(call):
    def wrapped(*arguments, **named):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*arguments, **named)
    return wrapped

for name in ("fsync", "replace", "unlink"):
    setattr(os, name, deadly(getattr(os, name)))
"""


def _cohort(folder, n_scans) -> MadeCohort:
    """Scans that are all good but one."""
    cohort = make_cohort(folder / "cohort", n_scans)
    (cohort.folder / cohort.scans["case-001"]).write_bytes(b"not a scan")
    return cohort


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_kills_at_random_moments_lose_nothing_and_change_no_bit(host, tmp_path):
    cohort = _cohort(tmp_path, 12 if USUAL else 24)
    reference = Uninterrupted(host, cohort)
    draw = random.Random(0)
    killed = completed = in_the_middle = half_written = 0
    latest_s = reference.elapsed_s
    kept = {}
    while killed < KILLS:
        program = host.start("extract", folder=cohort.folder)
        time.sleep(draw.uniform(0, latest_s))
        program.send(signal.SIGKILL)
        code = program.wait().code
        assert code in (reference.code, -signal.SIGKILL)
        killed += code == -signal.SIGKILL
        latest_s *= 1.05 if code == -signal.SIGKILL else 0.8  # so that most kills come in time
        assert program.leaves_nobody_behind()
        kept = reference.check_kept(kept)
        in_the_middle += 0 < len(kept) < len(reference.contents)
        half_written += bool(kept) and bool(leftovers(cache_folder(cohort.folder)))
        if len(kept) == len(reference.contents):
            reference.check_resumed()
            reference.remove()
            completed += 1
            kept = {}
    reference.check_resumed()
    sys.stdout.write(
        f"{killed=} {in_the_middle=} {half_written=} {completed=} {reference.elapsed_s=:.2f}"
    )
    assert USUAL or min(in_the_middle, 10 * half_written, 10 * completed) >= KILLS / 10


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_kill_before_any_write_to_the_disk_loses_nothing(host, tmp_path):
    cohort = _cohort(tmp_path, 6)
    reference = Uninterrupted(host, cohort)
    call = n_killed = 0
    while True:
        call += 1 if not USUAL else random.Random(call).randint(4, 12)
        before = DEADLY_CALL.format(number=call)
        ended = host.run("extract", folder=cohort.folder, before=before)
        if ended.code == reference.code:
            break
        assert ended.code == -signal.SIGKILL, ended.err
        n_killed += 1
        reference.check_kept({})
        reference.check_resumed()
        reference.remove()
    reference.check_complete()
    assert n_killed >= (2 if USUAL else 20)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_kills_lose_no_tokens_and_change_none(host, tmp_path):
    cohort = make_cohort(tmp_path / "cohort", 6, encoder=TOKENS)
    reference = Uninterrupted(host, cohort)
    draw = random.Random(2)
    killed = in_the_middle = 0
    latest_s = reference.elapsed_s
    kept = {}
    while killed < max(KILLS // 4, 2):
        program = host.start("extract", folder=cohort.folder)
        time.sleep(draw.uniform(0.5, 1) * latest_s)
        program.send(signal.SIGKILL)
        code = program.wait().code
        assert code in (reference.code, -signal.SIGKILL)
        killed += code == -signal.SIGKILL
        latest_s *= 1.1 if code == -signal.SIGKILL else 0.8
        kept = reference.check_kept(kept)
        in_the_middle += 0 < len(kept) < len(reference.contents)
        if len(kept) == len(reference.contents):
            reference.check_resumed()
            reference.remove()
            kept = {}
    reference.check_resumed()
    sys.stdout.write(f"{killed=} {in_the_middle=} {reference.elapsed_s=:.2f}")
    assert all(len(feature) > 89 * 4 for feature in reference.contents.values())


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_kill_before_any_write_to_the_disk_loses_no_tokens(host, tmp_path):
    cohort = make_cohort(tmp_path / "cohort", 4, encoder=TOKENS)
    reference = Uninterrupted(host, cohort)
    for call in itertools.count(5, 11 if USUAL else 1):
        before = DEADLY_CALL.format(number=call)
        ended = host.run("extract", folder=cohort.folder, before=before)
        if ended.code == reference.code:
            break
        assert ended.code == -signal.SIGKILL, ended.err
        reference.check_kept({})
        reference.check_resumed()
        reference.remove()
    reference.check_complete()
    assert call > 16


@pytest.mark.slow
@pytest.mark.skipif(USUAL, reason="each start takes seconds; MMFEAT_KILLS=200 runs it")
def test_kills_of_programs_that_start_afresh_lose_nothing(host, tmp_path):
    cohort = _cohort(tmp_path, 24)
    reference = Uninterrupted(host, cohort)
    draw = random.Random(1)
    kept = {}
    for _ in range(KILLS // 10):
        program = subprocess.Popen(
            [sys.executable, "-m", "mmfeat", "extract"],
            cwd=cohort.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(draw.uniform(1.5, 3))
        program.kill()
        program.wait()
        kept = reference.check_kept(kept)
    reference.check_resumed()
