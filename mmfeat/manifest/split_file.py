"""Keep the splits in a file: made once, checked and reused afterwards."""

import csv
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mmfeat.errors import CohortError
from mmfeat.manifest.cohort import Fold
from mmfeat.manifest.splits import fold_of, parts_of
from mmfeat.provenance import sha256_of_file, write_json, written_atomically
from mmfeat.wording import counted, first_few, ticked

_SHOWN_IDS = 3


def save_splits(
    file: Path,
    folds: Sequence[Fold],
    *,
    case_ids: Sequence[str],
    patient_ids: Sequence[str],
    rule: dict[str, Any],
) -> None:
    """Write one row for each case, ``case_id, patient_id, fold_0, ...``, and the rule beside it.

    The rule goes to ``<name>.rule.json`` with the digest of the file that it made, so that a
    changed rule is noticed, and so is a file that the user has put in its place.
    """
    columns = [parts_of(fold) for fold in folds]
    with (
        written_atomically(file) as partial,
        partial.open("w", newline="", encoding="utf-8") as out,
    ):
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["case_id", "patient_id", *(f"fold_{k}" for k in range(len(folds)))])
        writer.writerows(zip(case_ids, patient_ids, *columns, strict=True))
    write_json(_rule_file(file), {"made": rule, "sha256": sha256_of_file(file)})


def load_splits(
    file: Path,
    *,
    case_ids: Sequence[str],
    patient_ids: Sequence[str],
    rule: dict[str, Any],
) -> list[Fold]:
    """Read saved splits and check that they are of this cohort, and whole.

    Raises:
        CohortError: They are not; the message names the difference.
    """
    rows = _read(file)
    header, body = rows[0], rows[1:]
    if header[:2] != ["case_id", "patient_id"] or len(header) < 3:
        raise _unusable(file, "its columns must be case_id, patient_id, fold_0, fold_1, ...")
    _check_rule(file, rule, n_folds=len(header) - 2)
    by_case = {row[0]: row for row in body}
    _check_cases(file, [row[0] for row in body], case_ids)
    for case_id, patient_id in zip(case_ids, patient_ids, strict=True):
        if by_case[case_id][1] != patient_id:
            raise _unusable(
                file,
                f"case `{case_id}` is of patient `{by_case[case_id][1]}` there, "
                f"but of `{patient_id}` in the manifest",
            )
    parts = np.array([by_case[case_id][2:] for case_id in case_ids], dtype=str)  # (cases, folds)
    _check_parts(file, parts, np.array(patient_ids, dtype=str))
    return [fold_of(column) for column in parts.T]


def _read(file: Path) -> list[list[str]]:
    try:
        with file.open(newline="", encoding="utf-8-sig") as stream:
            rows = [[cell.strip() for cell in row] for row in csv.reader(stream) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _unusable(file, f"cannot be read ({error})") from error
    if not rows:
        raise _unusable(file, "it is empty")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]):
            raise _unusable(file, f"row {number} has {len(row)} cells, the header {len(rows[0])}")
    return rows


def _check_rule(file: Path, rule: dict[str, Any], *, n_folds: int) -> None:
    if n_folds != rule["folds"]:
        raise _unusable(
            file, f"it has {n_folds} folds, but `cohort.split.folds` asks for {rule['folds']}"
        )
    if not _rule_file(file).exists():
        return
    try:
        saved = json.loads(_rule_file(file).read_text(encoding="utf-8"))
        made, digest = dict(saved["made"]), saved["sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unusable(file, f"{_rule_file(file).name} beside it cannot be read") from error
    if digest != sha256_of_file(file):
        return  # the user's own splits: the rule says nothing of them
    changes = [
        f"{key} was {made.get(key)} and is {value}"
        for key, value in rule.items()
        if made.get(key) != value
    ]
    if changes:
        raise _unusable(file, f"it was made with other settings: {', '.join(changes)}")


def _check_cases(file: Path, found: Sequence[str], case_ids: Sequence[str]) -> None:
    counts = Counter(found)
    twice = [case_id for case_id, count in counts.items() if count > 1]
    if twice:
        raise _unusable(file, f"case `{twice[0]}` stands there more than once")
    lacking = [case_id for case_id in case_ids if case_id not in counts]
    of_cohort = set(case_ids)
    foreign = [case_id for case_id in found if case_id not in of_cohort]
    differences = [f"{_counted(lacking)} of the manifest not in it"] if lacking else []
    differences += [f"{_counted(foreign)} of it not in the manifest"] if foreign else []
    if differences:
        raise _unusable(file, " and ".join(differences))


def _check_parts(file: Path, parts: np.ndarray[Any, Any], patients: np.ndarray[Any, Any]) -> None:
    for number, column in enumerate(parts.T):
        unknown = sorted(set(column) - {"train", "val", "test"})
        if unknown:
            raise _unusable(
                file, f"fold_{number} has `{unknown[0]}`, which is not train, val or test"
            )
        lacking = [part for part in ("train", "val", "test") if part not in column]
        if lacking:
            raise _unusable(file, f"fold_{number} has no {lacking[0]} part")
        pairs = np.unique(np.stack([patients, column]), axis=1)
        names, counts = np.unique(pairs[0], return_counts=True)
        if (counts > 1).any():
            patient = names[counts > 1][0]
            raise _unusable(file, f"patient `{patient}` is in more than one part of fold_{number}")
    tested = (parts == "test").sum(axis=1)
    if (tested > 1).any():
        patient = patients[tested > 1][0]
        raise _unusable(file, f"patient `{patient}` is in the test part of more than one fold")


def _rule_file(file: Path) -> Path:
    return file.with_name(f"{file.stem}.rule.json")


def _counted(ids: Sequence[str]) -> str:
    return f"{counted(len(ids), 'case')} ({first_few(ticked(ids), _SHOWN_IDS)})"


def _unusable(file: Path, reason: str) -> CohortError:
    return CohortError(
        f"{file}: these splits do not fit: {reason}; delete the file to make new ones (results "
        "then change), or keep both with --set cohort.split.file=NEW.csv"
    )
