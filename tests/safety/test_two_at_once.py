"""Several extractions on one folder at once all end well, and give what one gives."""

import random
import signal
import time

import pytest

from .kill_count import KILLS
from .no_locks import NO_LOCKS
from .uninterrupted import Uninterrupted


@pytest.fixture
def reference(host, cohort):
    (cohort.folder / cohort.scans["case-001"]).write_bytes(b"not a scan")
    return Uninterrupted(host, cohort)


@pytest.mark.parametrize("n_programs", [2, 4])
@pytest.mark.parametrize("before", ["", NO_LOCKS], ids=["locks", "no locks"])
def test_all_end_well_and_give_what_one_gives(host, cohort, reference, n_programs, before):
    programs = [
        host.start("extract", folder=cohort.folder, before=before) for _ in range(n_programs)
    ]
    assert [program.wait().code for program in programs] == [reference.code] * n_programs
    if before:
        reference.check_kept({})  # a failure may be forgotten, and the next run finds it again
        reference.check_resumed()
    else:
        reference.check_complete()


def test_one_compacts_again_and_again_while_another_writes(host, cohort, reference):
    command = ("extract", "--set", "extract.shard_cases=1")
    writer = host.start(*command, folder=cohort.folder)
    kept, n_compactions = {}, 0
    while writer.is_running():
        assert host.run(*command, "--limit", "1", folder=cohort.folder).code in (0, 3)
        n_compactions += 1
        kept = reference.check_kept(kept)
    assert writer.wait().code == reference.code
    assert n_compactions > 0
    reference.check_kept(kept)
    reference.check_resumed()


def test_a_kill_of_one_does_not_harm_the_other(host, cohort, reference):
    draw = random.Random(0)
    for _ in range(max(2, KILLS // 8)):
        victim, survivor = (host.start("extract", folder=cohort.folder) for _ in range(2))
        time.sleep(draw.uniform(0, reference.elapsed_s))
        victim.send(signal.SIGKILL)
        assert survivor.wait().code == reference.code
        assert victim.wait().code in (reference.code, -signal.SIGKILL)
        reference.check_kept({})
        reference.check_resumed()
        reference.remove()
