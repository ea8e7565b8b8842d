"""Whether a patient is of the cohort that a run was trained on, by id or by a digest of it.

An exported folder has no ids, only digests with a salt of its own. They are slow to make, but
whoever has the folder and guesses an id can find out whether it was there.
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mmfeat.errors import TrainError, one_line

_ROUNDS = 4096
"""Of PBKDF2: about a millisecond for each patient."""
_BYTES = 16


def patient_digests(patient_ids: Iterable[str]) -> dict[str, Any]:
    """Return digests of patients with a new salt, sorted, so that nothing tells who is who."""
    salt = secrets.token_bytes(_BYTES)
    digests = sorted(_digest(one, salt, _ROUNDS) for one in set(patient_ids))
    return {"salt": salt.hex(), "rounds": _ROUNDS, "digests": digests}


def patients_of_run(run: Path) -> frozenset[str]:
    """Return the patients of the splits that a run was trained with.

    Raises:
        TrainError: The file is missing or cannot be read.
    """
    return _ids(run, "patient_id")


def cases_of_run(run: Path) -> frozenset[str]:
    """Return the cases of the splits that a run was trained with.

    Raises:
        TrainError: The file is missing or cannot be read.
    """
    return _ids(run, "case_id")


def _ids(run: Path, column: str) -> frozenset[str]:
    path = run / "splits.csv"
    try:
        frame = pd.read_csv(path, dtype=str, usecols=[column], keep_default_na=False)
    except (OSError, ValueError) as error:
        raise TrainError(
            f"{path}: cannot be read ({one_line(error)}); run `mmfeat train` again"
        ) from error
    return frozenset(frame[column])


def known_patients(
    folder: Path, patient_ids: Sequence[str], facts: Mapping[str, Any] | None
) -> tuple[str, ...]:
    """Return those of some patients who are of the cohort of a run, each once.

    Args:
        folder: The run folder.
        patient_ids: Whom to look for.
        facts: What an exported folder says of itself; None of a run folder.

    Raises:
        TrainError: The folder does not say who was.
    """
    asked = dict.fromkeys(patient_ids)
    if facts is None:
        known = patients_of_run(folder)
        return tuple(one for one in asked if one in known)
    kept = facts.get("patients")
    if kept is None:
        raise TrainError(
            f"{folder}: was exported without digests of its patients, so that it cannot be said "
            "whether a patient was trained on; pass --allow-overlap if that does not matter"
        )
    salt, digests = bytes.fromhex(kept["salt"]), set(kept["digests"])
    return tuple(one for one in asked if _digest(one, salt, kept["rounds"]) in digests)


def _digest(patient_id: str, salt: bytes, rounds: int) -> str:
    return hashlib.pbkdf2_hmac("sha256", patient_id.encode(), salt, rounds, _BYTES).hex()
