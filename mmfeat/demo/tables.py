"""The tables of the made-up cohort: what a hospital would know, and, apart from it, the truth."""

import csv
import math
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from mmfeat.demo.cohort_plan import RECORD_COLUMNS, Case
from mmfeat.demo.outcome_model import FINDINGS
from mmfeat.provenance import written_atomically

Row = dict[str, str | int | float]


def write_table(path: Path, rows: Sequence[Row]) -> None:
    """Write rows, all with the same columns, as CSV."""
    with (
        written_atomically(path) as partial,
        partial.open("w", newline="", encoding="utf-8") as stream,
    ):
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def manifest_row(case: Case) -> Row:
    """Return what is known of a case, and what became of it."""
    findings = zip(FINDINGS, case.outcome.findings, strict=True)
    return {
        "case_id": case.case_id,
        "patient_id": case.patient_id,
        "site": case.site,
        "scan_date": case.scan_date.isoformat(),
        "ct": case.scan_path,
        "scanner": case.scanner if case.scan_format else "",
        **_record_cells(case),
        "cancer_1y": int(case.outcome.cancer_1y),
        "stage": case.outcome.stage,
        **{name: "" if label is None else label for name, label in findings},
        "time_days": case.time_days,
        "event": int(case.event),
    }


def truth_row(case: Case) -> Row:
    """Return what only the maker of the cohort knows of a case."""
    lesions = case.lesions
    return {
        "case_id": case.case_id,
        "cancer_1y": round(case.risk, 6),
        "latent_diameter_mm": round(lesions.diameter_mm, 2),
        "latent_spiculation": round(lesions.spiculation, 4),
        "latent_solid": round(lesions.solid, 4),
        "latent_emphysema": round(lesions.emphysema, 4),
        "latent_fibrosis": round(lesions.fibrosis, 4),
        "latent_atelectasis": int(lesions.atelectasis),
        "latent_nodules": lesions.n_nodules,
    }


def _record_cells(case: Case) -> Row:
    record = case.record
    quit_date = ""
    if record.quit_years is not None:
        quit_date = (case.scan_date - timedelta(days=round(365.25 * record.quit_years))).isoformat()
    cells: Row = {
        "age": math.floor(record.age),
        "sex": record.sex,
        "bmi": round(record.bmi, 1),
        "smoking_status": record.smoking_status,
        "pack_years": round(record.pack_years, 1),
        "quit_date": quit_date,
        "family_history": "yes" if record.family_history else "no",
        "performance_status": record.performance_status,
        "fev1_percent": round(record.fev1_percent),
        "crp_mg_l": round(record.crp_mg_l, 1),
        "cea_ng_ml": round(record.cea_ng_ml, 2),
    }
    return {
        name: cells[name] if case.has_record and name not in case.empty_cells else ""
        for name in RECORD_COLUMNS
    }
