"""Set patients aside for validation where an official split knows only training and test."""

import hashlib
from collections.abc import Iterable

from mmfeat.errors import CohortError


def validation_part(patient_ids: Iterable[str], share: float) -> frozenset[str]:
    """Return the patients of a training part who are set aside for validation.

    They are those whose ids have the lowest SHA-256, so that neither the order of rows nor who
    else is in the download moves more patients than it must.

    Args:
        patient_ids: Patients of the training part; one may be named many times.
        share: How many of them to set aside, above 0 and below 1; at least one is.

    Raises:
        CohortError: There are fewer than two patients to divide.

    Example:
        >>> sorted(validation_part(["p1", "p2", "p3", "p4", "p1"], 0.5))
        ['p2', 'p3']
    """
    if not 0 < share < 1:
        raise ValueError(f"share must be between 0 and 1, got {share}")
    patients = sorted(set(patient_ids), key=_digest)
    if len(patients) < 2:
        raise CohortError(
            f"the official training part has {len(patients)} patients here; at least 2 are needed "
            "to set some aside for validation, so download more of them"
        )
    return frozenset(patients[: max(1, round(share * len(patients)))])


def _digest(patient_id: str) -> str:
    return hashlib.sha256(patient_id.encode()).hexdigest()
