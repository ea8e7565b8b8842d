"""Made-up cohorts of wide embeddings with few cases, as frozen encoders give them."""

from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from benchmarks.methods.cohort import Cohort, CohortPlan, cohort_of, numbers_as_record

_N_FACTORS = 60


def embedding(
    score: NDArray[np.float64], width: int, random: np.random.Generator
) -> NDArray[np.float64]:
    """Hide a score in an embedding ``(cases, width)`` whose factors fall off as encoders' do.

    The score is the fourth of 60 factors; the first three, stronger ones, are about something else.
    A tenth of the variance is noise.
    """
    factors = random.standard_normal((len(score), _N_FACTORS))
    factors[:, 3] = score
    strengths = (1.0 + np.arange(_N_FACTORS)) ** -0.7
    directions = random.standard_normal((_N_FACTORS, width))
    shown = (factors * strengths) @ directions
    return np.asarray(shown + 0.33 * shown.std() * random.standard_normal(shown.shape))


def with_embedding(
    n_cases: int,
    width: int,
    *,
    image_weight: float,
    record_weight: float,
    interaction: float = 0.0,
    seed: int,
) -> Cohort:
    """Build a cohort of an embedding and ten numbers of a record."""
    random = np.random.default_rng(seed)
    image, record = random.standard_normal((2, n_cases))
    numbers = random.standard_normal((n_cases, 10))
    numbers[:, :3] = record[:, None] + 0.8 * numbers[:, :3]
    logit = image_weight * image + record_weight * record + interaction * image * record - 0.9
    labels = (random.random(n_cases) < expit(logit)).astype(np.float64)
    modalities = {
        "image": embedding(image, width, random),
        "record": numbers_as_record(numbers),
    }
    return cohort_of(modalities, labels)


def _plan(name: str, shows: str, n_cases: int, width: int, **weights: float) -> CohortPlan:
    return CohortPlan(
        name,
        "wide embeddings",
        f"{n_cases:,} cases, {width:,} numbers; {shows}",
        partial(with_embedding, n_cases, width, seed=len(name) + width, **weights),  # type: ignore[arg-type]
    )


EMBEDDINGS = (
    _plan(
        "wide-512", "image and record count alike", 300, 512, image_weight=1.3, record_weight=1.0
    ),
    _plan(
        "wide-1408",
        "both count, one in the light of the other",
        400,
        1408,
        image_weight=0.9,
        record_weight=0.7,
        interaction=0.9,
    ),
    _plan("wide-2048", "the image decides", 200, 2048, image_weight=1.8, record_weight=0.3),
    _plan("wide-4096", "an image that is noise", 150, 4096, image_weight=0.0, record_weight=1.4),
)
