"""The cohorts of the comparison: a list of plans."""

from benchmarks.methods.cohort import CohortPlan
from benchmarks.methods.cohorts.embeddings import EMBEDDINGS
from benchmarks.methods.cohorts.local_data import LOCAL_DATA
from benchmarks.methods.cohorts.made_up import MADE_UP
from benchmarks.methods.cohorts.packaged import PACKAGED

COHORTS: tuple[CohortPlan, ...] = (*MADE_UP, *EMBEDDINGS, *PACKAGED, *LOCAL_DATA)
