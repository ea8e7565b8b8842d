"""Guess which columns name the cases, the patients, the site, the part of a split and the scans."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from mmfeat.config.template import Guess
from mmfeat.errors import CohortError
from mmfeat.manifest.column_profile import ColumnProfile

Profiles = Mapping[str, ColumnProfile]

_CASE_WORDS = ("case", "study", "scan", "exam", "accession", "series", "image", "visit")
_PATIENT_WORDS = ("patient", "pat", "pid", "subject", "participant", "person", "mrn")
_ID_WORDS = frozenset(
    ("id", "ids", "uid", "name", "number", "no", "nr", "code", "key", "identifier")
)
_SITE_WORDS = ("site", "hospital", "center", "centre", "institution", "institute", "clinic")
_SPLIT_WORDS = ("split", "fold", "part", "partition", "subset", "set")
_MASK_WORDS = ("mask", "seg", "segmentation", "label", "annotation")
_VOLUME_ENDINGS = (".nii", ".nii.gz")
_PATHS_TRIED = 25


def guess_patient_id(profiles: Profiles) -> str | None:
    """Return the column that names patients: complete, and named for it."""
    complete = [p for p in profiles.values() if p.n_rows == len(p.cells)]
    candidates = [p for p in complete if p.named(_PATIENT_WORDS) and _is_id(p, _PATIENT_WORDS)]
    return candidates[0].name if candidates else None


def guess_case_id(profiles: Profiles, patient_id: str | None) -> Guess:
    """Return the column that names the cases.

    Raises:
        CohortError: No column has a value of its own in every row.
    """
    keys = [p for p in profiles.values() if p.is_key]
    named = [p for p in keys if p.named(_CASE_WORDS) and _is_id(p, _CASE_WORDS)]
    other_ids = [p for p in keys if p.named(("id", "uid")) and p.name != patient_id]
    patients = [p for p in keys if p.name == patient_id]
    texts = [p for p in keys if p.numbers is None and not _looks_like_paths(p)]
    for candidates, reason, doubtful in (
        (named, "a value of its own in each row", False),
        (other_ids, "a value of its own in each row, and named like an id", True),
        (patients, "each patient is one row", False),
        (texts, "a value of its own in each row; is it an id?", True),
    ):
        if candidates:
            return Guess(candidates[0].name, reason, doubtful)
    raise CohortError(
        "no column names the cases: none has a value of its own in every row; add a column, for "
        "example `case_id`, with a name for each row"
    )


def guess_site(profiles: Profiles) -> str | None:
    """Return the column that names the site, such as `site` or `hospital_id`, not `tumor_site`."""
    for profile in profiles.values():
        if profile.named(_SITE_WORDS) and profile.words <= {*_SITE_WORDS, *_ID_WORDS}:
            return profile.name
    return None


def guess_split(profiles: Profiles) -> str | None:
    """Return the column that says train, val or test in every row."""
    for profile in profiles.values():
        complete = len(profile.cells) == profile.n_rows
        if (
            complete
            and profile.named(_SPLIT_WORDS)
            and set(profile.cells) == {"train", "val", "test"}
        ):
            return profile.name
    return None


def guess_volumes(profiles: Profiles, folder: Path) -> dict[str, tuple[ColumnProfile, int]]:
    """Return the columns with paths of scans, and how many of the first paths are not there."""
    found = {}
    for profile in profiles.values():
        if profile.named(_MASK_WORDS) or not profile.cells:
            continue
        tried = list(dict.fromkeys(profile.cells))[:_PATHS_TRIED]
        n_absent = sum(not (folder / cell).exists() for cell in tried)
        if _looks_like_paths(profile) or n_absent < len(tried) / 2:
            found[profile.name] = profile, n_absent
    return found


def volume_guesses(found: Mapping[str, tuple[ColumnProfile, int]]) -> dict[str, Guess]:
    """Return the settings of a modality for each column of scans."""
    guesses = {}
    for number, (column, (profile, n_absent)) in enumerate(found.items(), start=1):
        name = "ct" if len(found) == 1 else f"ct{number}"
        reason = f"{len(profile.cells)} of {profile.n_rows} rows have a path in `{column}`"
        if n_absent:
            reason += f"; {n_absent} of the first {_PATHS_TRIED} are not there"
        settings = {"kind": "volume", "column": column, "encoder": "slices-lite0"}
        guesses[name] = Guess(settings, reason, doubtful=n_absent > 0)
    return guesses


def is_mask_path(profile: ColumnProfile) -> bool:
    """Say whether a column holds paths of masks rather than of scans."""
    return profile.named(_MASK_WORDS) and _looks_like_paths(profile)


def _looks_like_paths(profile: ColumnProfile) -> bool:
    ends = sum(cell.lower().endswith(_VOLUME_ENDINGS) for cell in profile.cells)
    return ends > len(profile.cells) / 2


def _is_id(profile: ColumnProfile, words: Sequence[str]) -> bool:
    """Say whether a name is of a thing and its id, such as `StudyInstanceUID` or `patient`."""
    return profile.words <= {*words, *_ID_WORDS, "instance", "anon", "pseudo"} or profile.named(
        ("id", "uid")
    )
