"""One round of the soak: a cohort, some troubles one after the other, and what is true then."""

import random
import shutil
from pathlib import Path

from ..safety.programs import ProgramHost
from .drawn_cohort import draw_cohort
from .invariants import check_end
from .soaked_cohort import SoakedCohort
from .troubles import TROUBLES


def soak_round(host: ProgramHost, folder: Path, seed: int, *, most_steps: int) -> list[str]:
    """Make a cohort, let troubles happen to it, and check it; return what was done.

    Raises:
        AssertionError: Something is not as it has to be; a note says what happened before.
    """
    draw = random.Random(seed)
    cohort_folder = folder / f"cohort-{seed}"
    beside = folder / f"beside-{seed}"
    for made in (cohort_folder, beside):
        made.mkdir()
    soaked = SoakedCohort(host, draw_cohort(cohort_folder, draw), draw, beside)
    try:
        for _ in range(draw.randint(most_steps // 2, most_steps)):
            (trouble,) = draw.choices(list(TROUBLES), list(TROUBLES.values()))
            soaked.say(f"- {trouble.__name__}")
            trouble(soaked)
        soaked.say("- the end")
        check_end(soaked)
    except Exception as fault:
        said = "\n  ".join(soaked.steps)
        fault.add_note(
            f"seed {seed}; in {cohort_folder}:\n  {said}\nagain: MMFEAT_SOAK_SEED={seed}"
        )
        raise
    shutil.rmtree(cohort_folder)
    shutil.rmtree(beside)
    return soaked.steps
