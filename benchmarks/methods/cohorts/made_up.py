"""Made-up cohorts of small tables with a known structure: a vector of numbers and a record."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from benchmarks.methods.cohort import Cohort, CohortPlan, cohort_of, numbers_as_record

Array = NDArray[np.float64]
_COLUMNS_WITH_SIGNAL = 4


@dataclass(frozen=True)
class Latent:
    """Hold what decides the outcome: standardised scores of image and record, ``(cases,)``."""

    image: Array
    record: Array


def two_modalities(
    n_cases: int,
    widths: tuple[int, int],
    logit: Callable[[Latent], Array],
    *,
    seed: int,
    common: float = 0.0,
    noise: float = 0.7,
    cases_per_patient: int = 1,
) -> tuple[np.random.Generator, Latent, Array, Array, Array, list[str]]:
    """Draw scores, columns that show them with noise, and outcomes.

    Args:
        n_cases: Number of cases.
        widths: Columns of the image's vector and of the record.
        logit: Logit of the outcome, given the scores.
        seed: Seed.
        common: Share of the variance that the two scores have in common.
        noise: Deviation of the noise on each column that shows a score.
        cases_per_patient: So many cases in a row have one patient, and half of the score.
    """
    random = np.random.default_rng(seed)
    patient = np.arange(n_cases) // cases_per_patient

    def score() -> Array:
        own = random.standard_normal(n_cases)
        if cases_per_patient == 1:
            return own
        return (own + random.standard_normal(n_cases)[patient]) / np.sqrt(2)

    shared = score()
    image, record = (np.sqrt(common) * shared + np.sqrt(1 - common) * score() for _ in range(2))
    latent = Latent(image, record)
    columns = [
        _columns(one, width, noise, random)
        for one, width in zip((image, record), widths, strict=True)
    ]
    labels = (random.random(n_cases) < expit(logit(latent))).astype(np.float64)
    return random, latent, columns[0], columns[1], labels, [f"patient-{p}" for p in patient]


def _columns(score: Array, width: int, noise: float, random: np.random.Generator) -> Array:
    """Show a score in up to four columns, each with noise of its own; the others are noise."""
    columns = random.standard_normal((len(score), width))
    showing = min(_COLUMNS_WITH_SIGNAL, width)
    signs = random.choice([-1.0, 1.0], showing)
    columns[:, :showing] = (score[:, None] * signs + noise * columns[:, :showing]) / np.hypot(
        1.0, noise
    )
    return columns


def complete(
    n_cases: int,
    widths: tuple[int, int],
    logit: Callable[[Latent], Array],
    *,
    seed: int,
    common: float = 0.0,
    cases_per_patient: int = 1,
) -> Cohort:
    """Build a cohort in which every case has both."""
    _, _, image, record, labels, patients = two_modalities(
        n_cases, widths, logit, seed=seed, common=common, cases_per_patient=cases_per_patient
    )
    modalities = {"image": image, "record": numbers_as_record(record)}
    return cohort_of(modalities, labels, patients=patients)


def with_gaps(n_cases: int, *, at_random: bool, seed: int) -> Cohort:
    """Build a cohort in which many cases lack one modality, at random or by how ill they are."""
    random, latent, image, record, labels, patients = two_modalities(
        n_cases, (12, 8), both, seed=seed
    )
    if at_random:
        chance = np.full((n_cases, 2), 0.7)
    else:  # the ill are scanned, the well have only a record
        illness = latent.image + latent.record
        chance = expit(np.stack([1.0 + 1.2 * illness, 1.0 - 0.8 * illness], axis=1))
    present = random.random((n_cases, 2)) < chance
    present[~present.any(axis=1), random.integers(2)] = True
    modalities = {"image": image, "record": numbers_as_record(record)}
    return cohort_of(modalities, labels, present=present, patients=patients)


def of_sites(n_cases: int, *, n_sites: int, seed: int) -> Cohort:
    """Build a cohort of sites whose scanners and patients differ; a site is in one test part."""
    random, _, image, record, labels, patients = two_modalities(n_cases, (12, 8), both, seed=seed)
    sites = random.integers(n_sites, size=n_cases)
    image += 0.6 * random.standard_normal((n_sites, image.shape[1]))[sites]
    record += 0.3 * random.standard_normal((n_sites, record.shape[1]))[sites]
    modalities = {"image": image, "record": numbers_as_record(record)}
    return cohort_of(modalities, labels, patients=patients, sites=sites)


def suppressed(n_cases: int, *, seed: int) -> Cohort:
    """Build a cohort whose image is read rightly only beside a number of the record.

    The image shows the score plus a body size that the record knows and that does not matter.
    """
    random, latent, image, record, _, patients = two_modalities(n_cases, (10, 6), both, seed=seed)
    size = random.standard_normal(n_cases)
    image[:, :_COLUMNS_WITH_SIGNAL] += 1.5 * size[:, None]
    record[:, -1] = size
    labels = (random.random(n_cases) < expit(1.4 * latent.image - 0.7)).astype(np.float64)
    modalities = {"image": image, "record": numbers_as_record(record)}
    return cohort_of(modalities, labels, patients=patients)


def of_three(n_cases: int, *, seed: int) -> Cohort:
    """Build a cohort of three modalities, of which cases lack some."""
    random, latent, image, record, _, patients = two_modalities(n_cases, (16, 8), both, seed=seed)
    third = random.standard_normal(n_cases)
    blood = _columns(third, 6, 0.7, random)
    logit = 0.8 * latent.image + 0.8 * latent.record + 0.6 * third - 0.8
    labels = (random.random(n_cases) < expit(logit)).astype(np.float64)
    present = random.random((n_cases, 3)) < np.array([0.8, 0.9, 0.6])
    present[~present.any(axis=1), 1] = True
    modalities = {
        "image": image,
        "record": numbers_as_record(record),
        "blood": numbers_as_record(blood),
    }
    return cohort_of(modalities, labels, present=present, patients=patients)


def both(latent: Latent) -> Array:
    """Both modalities count alike."""
    return np.asarray(1.1 * latent.image + 0.9 * latent.record - 0.8)


def mostly_record(latent: Latent) -> Array:
    """The record decides nearly alone."""
    return np.asarray(0.25 * latent.image + 1.6 * latent.record - 0.8)


def interacting(latent: Latent) -> Array:
    """One modality counts in the light of the other."""
    return np.asarray(
        0.6 * latent.image + 0.6 * latent.record + 1.2 * latent.image * latent.record - 0.6
    )


def curved(latent: Latent) -> Array:
    """Neither a sum nor monotonous: what no linear model can say."""
    return np.asarray(
        1.3 * (latent.image**2 - 1) + 1.0 * np.abs(latent.record) * latent.image - 0.5
    )


def _plan(name: str, shows: str, build: Callable[[], Cohort]) -> CohortPlan:
    return CohortPlan(name, "made-up tables", shows, build)


MADE_UP = (
    _plan("tiny", "100 cases, 4 + 3 columns", partial(complete, 100, (4, 3), both, seed=1)),
    _plan(
        "tiny-wide",
        "150 cases, 50 + 30 columns, four of each with signal",
        partial(complete, 150, (50, 30), both, seed=2),
    ),
    _plan(
        "redundant",
        "both modalities show the same",
        partial(complete, 400, (10, 6), both, seed=3, common=0.85),
    ),
    _plan(
        "complementary",
        "each modality shows its own part; two cases a patient",
        partial(complete, 600, (20, 10), both, seed=4, cases_per_patient=2),
    ),
    _plan(
        "imbalanced",
        "a record that decides, 50 columns of image that hardly count",
        partial(complete, 600, (50, 5), mostly_record, seed=5),
    ),
    _plan(
        "suppressed",
        "an image read rightly only beside the record",
        partial(suppressed, 500, seed=6),
    ),
    _plan(
        "interacting",
        "one modality counts in the light of the other",
        partial(complete, 1500, (12, 8), interacting, seed=7),
    ),
    _plan("curved", "nothing linear in it", partial(complete, 1500, (12, 8), curved, seed=8)),
    _plan(
        "gaps",
        "30 % of either modality lacking at random",
        partial(with_gaps, 800, at_random=True, seed=9),
    ),
    _plan(
        "gaps-by-illness",
        "the ill are scanned, the well have records",
        partial(with_gaps, 800, at_random=False, seed=10),
    ),
    _plan(
        "sites",
        "tested on sites not seen, scanners differ",
        partial(of_sites, 800, n_sites=20, seed=11),
    ),
    _plan("three", "three modalities with gaps", partial(of_three, 700, seed=12)),
)
