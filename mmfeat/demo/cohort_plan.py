"""Draw the whole cohort on paper: patients, visits, outcomes, and what is missing or broken."""

import math
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

import numpy as np

from mmfeat.demo.outcome_model import YEAR_DAYS, Outcome, cancer_risk, draw_outcome
from mmfeat.demo.patients import Lesions, Record, a_year_later, draw_lesions, draw_record
from mmfeat.demo.scanner import SITE_SHARES, SITES

PATIENTS_PER_BLOCK, SECOND_VISITS_PER_BLOCK = 20, 7
CASES_PER_BLOCK, SCANS_LACKING_PER_BLOCK, RECORDS_LACKING_PER_BLOCK = 20, 5, 3
SCANS_PER_BLOCK = 4
"""One of these is a DICOM series."""
CELL_MISSING = 0.07
"""Probability that a cell of a record is empty although the record is there."""
RECORD_COLUMNS = (
    "age",
    "sex",
    "bmi",
    "smoking_status",
    "pack_years",
    "quit_date",
    "family_history",
    "performance_status",
    "fev1_percent",
    "crp_mg_l",
    "cea_ng_ml",
)
_FIRST_DAY = date(2018, 1, 8)
# The second number of every seed: what it is for. The same case gets the same numbers whatever the
# size of the cohort.
_PATIENT, _SECOND_VISITS, _CASE, _LACKING, _FORMATS = range(5)

ScanFormat = Literal["nifti", "dicom"]


@dataclass(frozen=True)
class Case:
    """Hold one row of the manifest and the truth behind it."""

    patient: int
    visit: int
    site: str
    scanner: str
    scan_date: date
    record: Record
    lesions: Lesions
    outcome: Outcome
    time_days: int
    event: bool
    empty_cells: frozenset[str]
    scan_format: ScanFormat | None = None
    """None where the case lacks the scan."""
    has_record: bool = True
    broken: bool = False

    @property
    def patient_id(self) -> str:
        """Name of the patient."""
        return f"P{self.patient + 1:05d}"

    @property
    def case_id(self) -> str:
        """Name of the case."""
        return f"{self.patient_id}-{self.visit + 1}"

    @property
    def risk(self) -> float:
        """True probability of cancer within a year of the scan."""
        return cancer_risk(self.record, self.lesions)

    @property
    def scan_path(self) -> str:
        """Place of the scan in the cohort's folder, or the empty text."""
        if self.scan_format is None:
            return ""
        return f"scans/{self.case_id}" + (".nii.gz" if self.scan_format == "nifti" else "")


def plan_cohort(n_patients: int, seed: int) -> list[Case]:
    """Draw the cases of ``n_patients`` patients, in the order of the manifest.

    The first patients of a larger cohort are those of a smaller one with the same seed.
    """
    cases: list[Case] = []
    for block in range(math.ceil(n_patients / PATIENTS_PER_BLOCK)):
        first = block * PATIENTS_PER_BLOCK
        patients = [
            _draw_visits(number, seed) for number in range(first, first + PATIENTS_PER_BLOCK)
        ]
        # Only who had no cancer within the year comes again.
        well = [number for number, visits in enumerate(patients) if not visits[0].outcome.cancer_1y]
        rng = np.random.default_rng((seed, _SECOND_VISITS, block))
        again = set(rng.permutation(well)[:SECOND_VISITS_PER_BLOCK].tolist())
        for number, visits in enumerate(patients[: n_patients - first]):
            cases += _followed(visits if number in again else visits[:1], seed)
    return _with_formats(_with_gaps(cases, seed), seed)


def _draw_visits(patient: int, seed: int) -> list[Case]:
    """Draw two visits of a patient, the second as if it took place."""
    rng = np.random.default_rng((seed, _PATIENT, patient))
    site = list(SITES)[rng.choice(len(SITES), p=SITE_SHARES)]
    scan_date = _FIRST_DAY + timedelta(days=int(rng.integers(0, 900)))
    record = draw_record(rng)
    lesions = draw_lesions(rng, record.pack_years)
    visits = []
    for visit in range(2):
        if visit:
            gap_days = YEAR_DAYS + 1 + int(rng.integers(0, 60))
            scan_date += timedelta(days=gap_days)
            record, lesions = a_year_later(rng, record, lesions, gap_days / YEAR_DAYS)
        empty = frozenset(name for name in RECORD_COLUMNS if rng.random() < CELL_MISSING)
        visits.append(
            Case(
                patient=patient,
                visit=visit,
                site=site,
                scanner=str(rng.choice(SITES[site])),
                scan_date=scan_date,
                record=record,
                lesions=lesions,
                outcome=draw_outcome(rng, record, lesions),
                time_days=0,
                event=False,
                empty_cells=empty,
            )
        )
    return visits


def _followed(visits: list[Case], seed: int) -> list[Case]:
    """Set time and event of a patient's visits: one diagnosis, one end of follow-up."""
    last = visits[-1]
    rng = np.random.default_rng((seed, _CASE, last.patient))
    followed_days = rng.uniform(YEAR_DAYS + 5, YEAR_DAYS + 1500)
    event_day = last.outcome.event_day
    event = event_day <= followed_days
    end = last.scan_date + timedelta(days=math.ceil(min(event_day, followed_days)))
    return [replace(visit, time_days=(end - visit.scan_date).days, event=event) for visit in visits]


def _with_gaps(cases: list[Case], seed: int) -> list[Case]:
    """Take the scan from a quarter of the cases, and the record from others, block by block."""
    done = []
    for block in range(math.ceil(len(cases) / CASES_PER_BLOCK)):
        order = np.random.default_rng((seed, _LACKING, block)).permutation(CASES_PER_BLOCK)
        lacks_scan = set(order[:SCANS_LACKING_PER_BLOCK].tolist())
        lacks_record = set(order[-RECORDS_LACKING_PER_BLOCK:].tolist())
        members = cases[block * CASES_PER_BLOCK : (block + 1) * CASES_PER_BLOCK]
        done += [
            replace(
                case,
                scan_format=None if number in lacks_scan else "nifti",
                has_record=number not in lacks_record,
            )
            for number, case in enumerate(members)
        ]
    return done


def _with_formats(cases: list[Case], seed: int) -> list[Case]:
    """Make one scan of each four a DICOM series."""
    scans = [number for number, case in enumerate(cases) if case.scan_format is not None]
    done = list(cases)
    for block in range(math.ceil(len(scans) / SCANS_PER_BLOCK)):
        pick = int(np.random.default_rng((seed, _FORMATS, block)).integers(SCANS_PER_BLOCK))
        for number in scans[block * SCANS_PER_BLOCK :][pick : pick + 1]:
            done[number] = replace(done[number], scan_format="dicom")
    return _with_two_broken(done)


def _with_two_broken(cases: list[Case]) -> list[Case]:
    """Break one early scan of each format; their cases keep their records, so none is left bare."""
    done, spared = list(cases), {0}  # the first patient's files are what people look at first
    for scan_format in ("nifti", "dicom"):
        # Within the first block, so that it is the same case in a cohort of any size.
        *_, number = min(
            (not case.has_record, case.patient in spared, number)
            for number, case in enumerate(done[:CASES_PER_BLOCK])
            if case.scan_format == scan_format
        )
        spared.add(done[number].patient)
        done[number] = replace(done[number], broken=True, has_record=True)
    return done
