"""Tiny cohorts through random settings, kills, damage and changes: in the end all is as it should.

``make test-soak`` goes on for 20 minutes (``MMFEAT_SOAK_MINUTES``) from a seed of its own, which
it prints; ``MMFEAT_SOAK_SEED`` begins with another. What is drawn follows from the seed; at which
instant a signal meets a program does not.
"""

import sys
import time

import pytest

from ..safety.programs import ProgramHost
from .soak_length import IS_USUAL, MINUTES, first_seed
from .soak_round import soak_round

LOADED = (
    "mmfeat.stages.training.train",
    "mmfeat.stages.evaluation.evaluate",
    "mmfeat.report.html",
)


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    """Start programs that have training and evaluation loaded, too."""
    made = ProgramHost(tmp_path_factory.mktemp("programs"), *LOADED)
    yield made
    made.close()


@pytest.mark.slow
@pytest.mark.timeout(60 * MINUTES + 1800)
def test_whatever_happens_the_end_is_that_of_a_run_to_which_nothing_happened(
    host, tmp_path, capsys
):
    seed = first_seed()
    ends_at = time.monotonic() + 60 * MINUTES
    n_rounds = n_steps = 0
    while n_rounds == 0 or time.monotonic() < ends_at:
        n_steps += len(
            soak_round(host, tmp_path, seed + n_rounds, most_steps=4 if IS_USUAL else 12)
        )
        n_rounds += 1
        with capsys.disabled():
            sys.stdout.write(f"soak: seed {seed + n_rounds - 1} well, {n_steps} steps so far\n")
    assert n_steps > n_rounds
