"""Write the made-up tables of the sample, with the columns of the public release."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from .sample_people import DAY_OF_SCREEN, Person

_LOCATIONS = (
    *("loccar", "loclhil", "loclin", "locllow", "loclmsb", "loclup", "locmed", "locoth"),
    *("locrhil", "locrlow", "locrmid", "locrmsb", "locrup", "locunk"),
)
_LAST_DAY = 2450
_VERSION = "made up"


def write_participants(file: Path, people: Sequence[Person]) -> None:
    """Write the table of participants."""
    rng = np.random.default_rng(780)
    write_csv(file, [_participant(one, rng) for one in people])


def write_abnormalities(file: Path, people: Sequence[Person]) -> None:
    """Write the table of abnormalities on CT: a nodule, or emphysema, on each screen."""
    rows = []
    for one in people:
        is_nodule = one.diagnosed is not None or one.number % 4 == 1
        nodule = {
            "sct_epi_loc": "1",
            "sct_long_dia": str(6 + one.number % 9),
            "sct_margins": "2",
            "sct_perp_dia": str(5 + one.number % 7),
            "sct_pre_att": "1",
            "sct_slice_num": "12",
        }
        rows += [
            {
                "pid": one.pid,
                "study_yr": str(year),
                "sct_ab_num": "1",
                "sct_ab_desc": "51" if is_nodule else "59",
                **(nodule if is_nodule else dict.fromkeys(nodule, "")),
                "sct_found_after_comp": "0",
                "dataset_version": _VERSION,
            }
            for year in one.screens
        ]
    write_csv(file, rows)


def write_csv(file: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Write rows with the keys of the first as the header."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _participant(one: Person, rng: np.random.Generator) -> dict[str, str]:
    day = {year: str(DAY_OF_SCREEN[year]) for year in one.screens}
    seen = one.diagnosed is not None and rng.random() < 0.7
    results = ["15" if year not in day else ("4" if seen else "1") for year in range(3)]
    return {
        "race": str(rng.choice([1, 1, 1, 2, 3, 99])),
        "cigsmok": str(rng.integers(2)),
        "gender": str(rng.integers(1, 3)),
        "age": str(rng.integers(55, 75)),
        **{f"scr_res{year}": result for year, result in enumerate(results)},
        **{f"scr_iso{year}": result for year, result in enumerate(results)},
        **{f"scr_days{year}": day.get(year, "") for year in range(3)},
        **_cancer(one),
        "pid": one.pid,
        "dataset_version": _VERSION,
    }


def _cancer(one: Person) -> dict[str, str]:
    known = one.diagnosed is not None
    of_cancer = {
        **dict.fromkeys(_LOCATIONS, "0"),
        "lesionsize": "18",
        "de_type": "8140",
        "de_grade": "2",
        "de_stag": "110",
        "de_stag_7thed": "110",
        "cancyr": str((one.diagnosed or 0) // 365),
        "candx_days": str(one.diagnosed),
    }
    followed = one.diagnosed if one.diagnosed is not None else _LAST_DAY - 90 * (one.number % 5)
    return {
        **(of_cancer if known else dict.fromkeys(of_cancer, "")),
        "can_scr": str(int(known)),
        "canc_rpt_link": str(int(known)),
        "canc_free_days": str(followed),
    }
