"""Open a public cohort by its name."""

from importlib import import_module
from importlib.resources import files

from mmfeat.config.spelling import did_you_mean
from mmfeat.errors import CohortError
from mmfeat.public_cohorts.contract import PublicCohort

from . import COHORTS


def public_cohort(name: str) -> PublicCohort:
    """Return what is known of a cohort.

    Raises:
        CohortError: There is none of that name.
    """
    if name not in COHORTS:
        raise CohortError(
            f"{name}: no such cohort; `mmfeat manifest list` shows all{did_you_mean(name, COHORTS)}"
        )
    cohort = import_module(f"{__package__}.{COHORTS[name]}.cohort").COHORT
    if not isinstance(cohort, PublicCohort):
        raise TypeError(f"COHORT of {COHORTS[name]} must be a PublicCohort, got {type(cohort)}")
    return cohort


def readme_of(name: str) -> str:
    """Return the README of a cohort: what it is, which files are expected, what leaks."""
    folder = files(f"{__package__}.{COHORTS[name]}")
    return folder.joinpath("README.md").read_text(encoding="utf-8")
