"""What becomes of the made-up patients, given the record and the scan.

Every constant of the outcomes is in this file; ``docs/demo.md`` states the same formulas.
"""

import math
from dataclasses import dataclass

import numpy as np

from mmfeat.demo.patients import (
    AGE_DEVIATION,
    LOG_SIZE_DEVIATION,
    LOG_SIZE_MEAN,
    MEAN_AGE,
    Lesions,
    Record,
    pack_score,
)

STAGES = ("no_cancer", "early", "advanced")
FINDINGS = ("nodule_gt_15mm", "emphysema", "fibrosis", "atelectasis")
YEAR_DAYS = 365

SPICULATION_MEAN, SPICULATION_DEVIATION = 0.40, 0.29
SOLID_MEAN, SOLID_DEVIATION = 0.64, 0.37

BASE = -1.35
IMAGE_WEIGHTS = {"size": 1.45, "spiculation": 0.60, "solid": 0.65, "emphysema": 1.00}
TABLE_WEIGHTS = {
    "age": 0.50,
    "pack_years": 0.50,
    "family": 0.90,
    "cea": 0.80,
    "fev1": -0.45,
    "performance": 0.40,
    "quit": -0.40,
}
INTERACTION_WEIGHTS = {"size_age": 0.55, "size_family": 0.45, "spiculation_pack_years": 0.55}

FINDING_ERROR = 0.04
"""A finding is read wrongly with this probability."""
FINDING_MISSING = 0.15
"""A finding is left unread with this probability."""


@dataclass(frozen=True)
class Outcome:
    """What becomes of a patient after one scan."""

    cancer_1y: bool
    stage: str
    findings: tuple[int | None, ...]
    """1, 0 or unread, in the order of ``FINDINGS``."""
    event_day: float
    """Days from the scan to the diagnosis of cancer, were the patient followed for long enough."""


def image_score(lesions: Lesions) -> float:
    """Return the part of the logit that the scan alone decides."""
    return sum(IMAGE_WEIGHTS[name] * score for name, score in _image_scores(lesions).items())


def table_score(record: Record) -> float:
    """Return the part of the logit that the record alone decides."""
    return sum(TABLE_WEIGHTS[name] * score for name, score in _table_scores(record).items())


def interaction_score(record: Record, lesions: Lesions) -> float:
    """Return the part of the logit that neither decides alone."""
    image, table = _image_scores(lesions), _table_scores(record)
    return (
        INTERACTION_WEIGHTS["size_age"] * image["size"] * table["age"]
        + INTERACTION_WEIGHTS["size_family"] * image["size"] * table["family"]
        + INTERACTION_WEIGHTS["spiculation_pack_years"] * image["spiculation"] * table["pack_years"]
    )


def cancer_risk(record: Record, lesions: Lesions) -> float:
    """Return the true probability of cancer within a year of the scan."""
    logit = BASE + image_score(lesions) + table_score(record) + interaction_score(record, lesions)
    return 1 / (1 + math.exp(-logit))


def draw_outcome(rng: np.random.Generator, record: Record, lesions: Lesions) -> Outcome:
    """Draw what becomes of a patient; ``cancer_1y`` is one toss of a coin with the true risk."""
    risk = cancer_risk(record, lesions)
    cancer = bool(rng.random() < risk)
    within_year, after_year = (
        rng.uniform(20, YEAR_DAYS),
        YEAR_DAYS + rng.exponential(1500 / (0.2 + 2 * risk)),
    )
    late_logit = (
        -0.4
        + 1.2 * _image_scores(lesions)["size"]
        + 0.8 * (record.performance_status - 1)
        + 0.7 * _table_scores(record)["cea"]
    )
    late = bool(rng.random() < 1 / (1 + math.exp(-late_logit)))
    return Outcome(
        cancer_1y=cancer,
        stage=(STAGES[2] if late else STAGES[1]) if cancer else STAGES[0],
        findings=_read_findings(rng, lesions),
        event_day=within_year if cancer else after_year,
    )


def _read_findings(rng: np.random.Generator, lesions: Lesions) -> tuple[int | None, ...]:
    truths = (
        lesions.diameter_mm > 15,
        lesions.emphysema > 0.45,
        lesions.fibrosis > 0.40,
        lesions.atelectasis,
    )
    errors, unread = rng.random(len(truths)), rng.random(len(truths))
    return tuple(
        None if missing < FINDING_MISSING else int(truth ^ (error < FINDING_ERROR))
        for truth, error, missing in zip(truths, errors, unread, strict=True)
    )


def _image_scores(lesions: Lesions) -> dict[str, float]:
    return {
        "size": (math.log(lesions.diameter_mm) - LOG_SIZE_MEAN) / LOG_SIZE_DEVIATION,
        "spiculation": (lesions.spiculation - SPICULATION_MEAN) / SPICULATION_DEVIATION,
        "solid": (lesions.solid - SOLID_MEAN) / SOLID_DEVIATION,
        "emphysema": (lesions.emphysema - 0.385) / 0.29,
    }


def _table_scores(record: Record) -> dict[str, float]:
    return {
        "age": (record.age - MEAN_AGE) / AGE_DEVIATION,
        "pack_years": pack_score(record.pack_years),
        "family": (float(record.family_history) - 0.25) / 0.43,
        "cea": (math.log(record.cea_ng_ml) - math.log(2.4)) / 0.6,
        "fev1": (record.fev1_percent - 86) / 15,
        "performance": record.performance_status - 0.7,
        "quit": ((record.quit_years or 0.0) - 4.3) / 6.6,
    }
