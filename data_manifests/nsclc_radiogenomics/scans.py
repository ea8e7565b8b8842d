"""Take one CT before surgery of each patient of NSCLC-Radiogenomics."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from mmfeat.public_cohorts.dicom_series import DicomSeries, largest

NO_CT = "scan: no axial CT series that can be read is in the folder"
AFTER_SURGERY = "scan: none of the CT studies is before surgery"


@dataclass(frozen=True)
class ChosenScan:
    """Hold the series that is embedded, and how it was found."""

    series: DicomSeries
    days_from_ct_date: int
    """From the clinical file's day of the CT to the study's own."""


def choose_scans(
    series: Iterable[DicomSeries], days: Mapping[str, tuple[date, int]]
) -> tuple[dict[str, ChosenScan], dict[str, tuple[str, ...]]]:
    """Return a scan for each patient that has one, and who has none and why.

    Of the studies before surgery the one whose day is nearest to the clinical file's is taken, of
    several of that day one without PET, and of its axial series the one with the most images.

    Args:
        series: All series of the download.
        days: Of each patient, the day of the CT by the clinical file, and the days from it to
            surgery.
    """
    every = tuple(series)
    with_pet = frozenset(one.study_uid for one in every if one.modality == "PT")
    of: dict[str, list[DicomSeries]] = {}
    for one in every:
        if one.is_axial_ct and one.study_date is not None:
            of.setdefault(one.patient_id, []).append(one)
    chosen: dict[str, ChosenScan] = {}
    without: dict[str, list[str]] = {}
    for patient, (day, until_surgery) in days.items():
        if patient not in of:
            without.setdefault(NO_CT, []).append(patient)
            continue
        scan = _nearest(of[patient], day, day + timedelta(days=until_surgery), with_pet=with_pet)
        if scan is None:
            without.setdefault(AFTER_SURGERY, []).append(patient)
        else:
            chosen[patient] = scan
    return chosen, {why: tuple(patients) for why, patients in without.items()}


def _nearest(
    several: Sequence[DicomSeries], day: date, surgery: date, *, with_pet: frozenset[str]
) -> ChosenScan | None:
    days_away = {
        one: (one.study_date - day).days
        for one in several
        if one.study_date is not None and one.study_date <= surgery
    }
    if not days_away:
        return None
    ranks = {one: (abs(days), one.study_uid in with_pet) for one, days in days_away.items()}
    best = min(ranks.values())
    series = largest(one for one, rank in ranks.items() if rank == best)
    return ChosenScan(series, days_away[series])
