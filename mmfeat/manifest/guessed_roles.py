"""Guess which columns name the cases, the patients, the site, the part of a split and the scans."""

from collections.abc import Container, Mapping, Sequence
from pathlib import Path

from mmfeat.config.guess import Evidence, Guess
from mmfeat.errors import CohortError
from mmfeat.manifest.column_profile import ColumnProfile
from mmfeat.manifest.scan_paths import leads_somewhere, split_paths

Profiles = Mapping[str, ColumnProfile]

_CASE_WORDS = ("case", "study", "scan", "exam", "accession", "series", "image", "visit")
_PATIENT_WORDS = ("patient", "pat", "pid", "subject", "subj", "participant", "person", "mrn")
_PATIENT_IDS = (frozenset(("pt", "id")), frozenset(("medical", "record", "number")))
"""Words that only together name patients: `PT` alone is the prothrombin time."""
_ID_WORDS = frozenset(
    ("id", "ids", "uid", "name", "number", "no", "nr", "code", "key", "identifier", "barcode")
)
_SITE_WORDS = ("site", "hospital", "center", "centre", "institution", "institute", "clinic")
_SPLIT_WORDS = ("split", "fold", "part", "partition", "subset", "set")
_PARTS = frozenset(
    (
        "train",
        "training",
        "val",
        "valid",
        "validation",
        "dev",
        "tuning",
        "test",
        "testing",
        "holdout",
    )
)
_MASK_WORDS = ("mask", "seg", "segmentation", "label", "annotation")
_VOLUME_ENDINGS = (".nii", ".nii.gz", ".nrrd", ".nhdr", ".mha", ".mhd")
_PATHS_TRIED = 25


def guess_patient_id(profiles: Profiles) -> Guess | None:
    """Return the column that names patients, or else one of ids that occur several times."""
    named = [p for p in profiles.values() if _names_patients(p)]
    complete = [p for p in named if p.is_complete]
    with_gaps = [p for p in named if len(p.cells) > p.n_rows / 2]
    repeated = [p for p in profiles.values() if _are_repeated_ids(p)]
    other_ids = ("ids of something else",)
    for candidates, reason, rivals in (
        (complete, "the unit of splitting", ()),
        (with_gaps, "the unit of splitting, but some rows have none", ("no patients",)),
        (repeated, "the unit of splitting: do these ids, which repeat, name patients?", other_ids),
    ):
        if candidates:
            return Guess(candidates[0].name, reason, candidates[0].evidence(*rivals))
    return None


def guess_case_id(
    profiles: Profiles, patient_id: str | None, *, volumes: Container[str] = ()
) -> Guess:
    """Return the column that names the cases; one of the ``volumes`` only if there is no other.

    Raises:
        CohortError: No column has a value of its own in every row.
    """
    keys = [p for p in profiles.values() if p.is_key]
    ids = [p for p in keys if p.name not in volumes]
    named = [p for p in ids if p.named(_CASE_WORDS) and _is_id(p, _CASE_WORDS)]
    other_ids = [p for p in ids if _is_named_like_id(p) and p.name != patient_id]
    patients = [p for p in keys if p.name == patient_id]
    paths = [p for p in keys if p.name in volumes]
    texts = [p for p in ids if p.numbers is None]
    no_id = ("no id of cases",)
    for candidates, reason, rivals in (
        (named, "a value of its own in each row", ()),
        (other_ids, "a value of its own in each row, and named like an id", no_id),
        (patients, "each patient is one row", ()),
        (paths, "the path of its scan, as nothing else names each row", no_id),
        (texts, "a value of its own in each row; is it an id?", no_id),
    ):
        if candidates:
            return Guess(candidates[0].name, reason, candidates[0].evidence(*rivals))
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


def is_division(profile: ColumnProfile) -> bool:
    """Say whether a column divides the cases into parts or folds."""
    named = profile.named(("split", "fold")) and profile.words <= {*_SPLIT_WORDS, *_ID_WORDS, "cv"}
    return named or {cell.lower() for cell in profile.cells} <= _PARTS


def guess_volumes(profiles: Profiles, folder: Path) -> dict[str, tuple[ColumnProfile, int]]:
    """Return the columns with paths of scans, and how many of the first paths are not there."""
    found = {}
    for profile in profiles.values():
        if profile.named(_MASK_WORDS) or not profile.cells:
            continue
        tried = list(dict.fromkeys(profile.cells))[:_PATHS_TRIED]
        n_absent = sum(
            not all(leads_somewhere(folder, path) for path in split_paths(cell, folder))
            for cell in tried
        )
        if _looks_like_paths(profile) or (_are_many(profile) and n_absent < len(tried) / 2):
            found[profile.name] = profile, n_absent
    return found


def volume_guesses(found: Mapping[str, tuple[ColumnProfile, int]]) -> dict[str, Guess]:
    """Return the settings of a modality for each column of scans."""
    guesses = {}
    for number, (column, (profile, n_absent)) in enumerate(found.items(), start=1):
        name = "ct" if len(found) == 1 else f"ct{number}"
        reason = f"{len(profile.cells)} of {profile.n_rows} rows have a path in `{column}`"
        n_tried = min(_PATHS_TRIED, len(set(profile.cells)))
        if n_absent:
            reason += f"; {n_absent} of the first {n_tried} are not there"
        settings = {"kind": "volume", "column": column, "encoder": "slices-lite0"}
        guesses[name] = Guess(
            settings,
            reason,
            Evidence(n_tried - n_absent, n_tried, ("another folder",) * (n_absent > 0)),
        )
    return guesses


def is_mask_path(profile: ColumnProfile) -> bool:
    """Say whether a column holds paths of masks rather than of scans."""
    return profile.named(_MASK_WORDS) and _looks_like_paths(profile)


def _looks_like_paths(profile: ColumnProfile) -> bool:
    ends = sum(cell.lower().endswith(_VOLUME_ENDINGS) for cell in profile.cells)
    return ends > len(profile.cells) / 2


def _are_many(profile: ColumnProfile) -> bool:
    """Say whether so many values differ that they may be of scans: not stages, not sexes."""
    n_values, n_known = len(set(profile.cells)), len(profile.cells)
    return n_values == n_known if profile.numbers is not None else n_values > n_known / 4


def _are_repeated_ids(profile: ColumnProfile) -> bool:
    is_id = profile.named(("id", "ids")) and profile.words <= {*_ID_WORDS, "record"}
    n_values = len(set(profile.cells))
    return is_id and profile.is_complete and profile.n_rows / 10 < n_values < profile.n_rows


def _names_patients(profile: ColumnProfile) -> bool:
    together = any(words <= profile.words for words in _PATIENT_IDS)
    return together or (profile.named(_PATIENT_WORDS) and _is_id(profile, _PATIENT_WORDS))


def _is_named_like_id(profile: ColumnProfile) -> bool:
    return profile.named(("id", "uid")) or (bool(profile.words) and profile.words <= _ID_WORDS)


def _is_id(profile: ColumnProfile, words: Sequence[str]) -> bool:
    """Say whether a name is of a thing and its id, such as `StudyInstanceUID` or `patient`."""
    more = {"instance", "anon", "pseudo", "bcr"}
    return profile.words <= {*words, *_ID_WORDS, *more} or profile.named(("id", "uid"))
