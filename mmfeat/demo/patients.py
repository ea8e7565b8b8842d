"""The made-up patients: what the clinic knows of them, and what their scans show."""

import math
from dataclasses import dataclass

import numpy as np

SMOKING = ("never", "former", "current")
SMOKING_SHARES = (0.20, 0.45, 0.35)
PERFORMANCE_LEVELS = (0, 1, 2, 3)
LOG_SIZE_MEAN, LOG_SIZE_DEVIATION = math.log(15.0), 0.45
"""Of the diameter of the largest nodule, in mm."""
MEAN_AGE, AGE_DEVIATION = 64, 8


@dataclass(frozen=True)
class Record:
    """What the clinic knows of a patient on the day of the scan."""

    age: float
    sex: str
    bmi: float
    smoking_status: str
    pack_years: float
    quit_years: float | None
    """Years since a former smoker stopped; None for the others."""
    family_history: bool
    performance_status: int
    fev1_percent: float
    crp_mg_l: float
    cea_ng_ml: float


@dataclass(frozen=True)
class Lesions:
    """What can be seen in the scan, as it truly is; never part of the manifest."""

    diameter_mm: float
    """Of the largest nodule."""
    spiculation: float
    """0 smooth to 1 full of spikes."""
    solid: float
    """0 ground glass, about 0.5 part-solid, 1 solid."""
    emphysema: float
    """0 none to 1 severe."""
    fibrosis: float
    """0 none to 1 severe."""
    atelectasis: bool
    n_nodules: int


def draw_lesions(rng: np.random.Generator, pack_years: float) -> Lesions:
    """Draw what a first scan shows; only emphysema depends on the record, and weakly."""
    emphysema_score = 0.30 * pack_score(pack_years) + math.sqrt(1 - 0.30**2) * rng.normal()
    solid_class = rng.choice(3, p=(0.22, 0.28, 0.50))
    return Lesions(
        diameter_mm=float(np.clip(math.exp(rng.normal(LOG_SIZE_MEAN, LOG_SIZE_DEVIATION)), 5, 45)),
        spiculation=float(rng.beta(0.9, 1.35)),
        solid=float(np.clip((0.08, 0.48, 0.98)[solid_class] + rng.uniform(-0.08, 0.08), 0, 1)),
        emphysema=_normal_cdf(emphysema_score) ** 1.6,
        fibrosis=float(rng.beta(0.6, 1.6)),
        atelectasis=bool(rng.random() < 0.18),
        n_nodules=1 + int(rng.poisson(1.0)),
    )


def draw_record(rng: np.random.Generator) -> Record:
    """Draw a patient as known on the day of the first scan; FEV1 and CEA are fresh measurements."""
    smoking = SMOKING[rng.choice(3, p=SMOKING_SHARES)]
    pack_years = (
        0.0 if smoking == "never" else float(np.clip(rng.lognormal(math.log(32), 0.5), 2, 120))
    )
    age = float(np.clip(rng.normal(MEAN_AGE, AGE_DEVIATION), 45, 85))
    frailty = rng.normal() + 0.3 * (age - MEAN_AGE) / AGE_DEVIATION
    return Record(
        age=age,
        sex="M" if rng.random() < 0.55 else "F",
        bmi=float(np.clip(rng.normal(26.5, 4.2), 17, 42)),
        smoking_status=smoking,
        pack_years=pack_years,
        quit_years=float(np.clip(rng.gamma(1.6, 6.0), 1, 35)) if smoking == "former" else None,
        family_history=bool(rng.random() < 0.25),
        performance_status=int(np.searchsorted((0.0, 0.9, 1.8), frailty)),
        fev1_percent=float(np.clip(rng.normal(86 - 4 * pack_score(pack_years), 14), 30, 130)),
        crp_mg_l=float(np.clip(rng.lognormal(math.log(4) + 0.25 * frailty, 0.8), 0.2, 200)),
        cea_ng_ml=float(np.clip(rng.lognormal(math.log(2.4), 0.6), 0.3, 60)),
    )


def a_year_later(
    rng: np.random.Generator, record: Record, lesions: Lesions, years: float
) -> tuple[Record, Lesions]:
    """Return the same patient at the next scan: older, measured anew, the nodule grown."""
    growth = math.exp(years * (0.02 + 0.12 * lesions.spiculation + 0.06 * lesions.solid))
    later_record = Record(
        age=record.age + years,
        sex=record.sex,
        bmi=float(np.clip(record.bmi + rng.normal(0, 0.6), 17, 42)),
        smoking_status=record.smoking_status,
        pack_years=record.pack_years + (years if record.smoking_status == "current" else 0.0),
        quit_years=None if record.quit_years is None else record.quit_years + years,
        family_history=record.family_history,
        performance_status=min(3, record.performance_status + int(rng.random() < 0.1)),
        fev1_percent=float(np.clip(record.fev1_percent + rng.normal(-1.5, 3), 30, 130)),
        crp_mg_l=float(np.clip(record.crp_mg_l * rng.lognormal(0, 0.4), 0.2, 200)),
        cea_ng_ml=float(np.clip(record.cea_ng_ml * rng.lognormal(0.05, 0.2), 0.3, 60)),
    )
    later_lesions = Lesions(
        diameter_mm=min(45.0, lesions.diameter_mm * growth),
        spiculation=lesions.spiculation,
        solid=lesions.solid,
        emphysema=min(1.0, lesions.emphysema + 0.02),
        fibrosis=min(1.0, lesions.fibrosis + 0.03),
        atelectasis=bool(rng.random() < (0.6 if lesions.atelectasis else 0.08)),
        n_nodules=lesions.n_nodules + int(rng.random() < 0.15),
    )
    return later_record, later_lesions


def pack_score(pack_years: float) -> float:
    """Return pack-years with mean 0 and deviation 1."""
    return (pack_years - 29) / 22


def _normal_cdf(score: float) -> float:
    return 0.5 * (1 + math.erf(score / math.sqrt(2)))
