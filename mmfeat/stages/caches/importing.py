"""Put embeddings that were made elsewhere into a cache folder of their own."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmfeat.cache import CacheFolder, FeatureRow
from mmfeat.cache.all_rows import content_sha256
from mmfeat.errors import ConfigError
from mmfeat.manifest.cohort import Cohort
from mmfeat.progress import Progress, Silent
from mmfeat.stages.caches.import_files import ImportRules, files_to_import
from mmfeat.stages.caches.import_rows import ImportRows, read_import_files
from mmfeat.tabular.exported_provenance import read_provenance

IMPORTED = "imported"
"""The encoder in the recipe of an import."""
_SHOWN_IDS = 5


@dataclass(frozen=True)
class ImportReport:
    """Say what was imported, or would be."""

    folder: Path
    identity: dict[str, Any]
    n_cases: int
    first_ids: tuple[str, ...]
    left_out: tuple[str, ...]
    """Names of what the files hold besides, which is not imported."""
    written: bool
    """False in a dry run, and where the folder holds all of it already."""
    there_before: bool
    matches: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """For `case_id` and `patient_id`, how many of the cohort's are among the ids, and of how many;
    empty where no cohort was named."""

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        matches = {
            key: {"found": found, "in_cohort": total}
            for key, (found, total) in self.matches.items()
        }
        return {
            "folder": str(self.folder),
            "recipe": self.identity,
            "n_cases": self.n_cases,
            "n_scans": self.identity["n_scans"],
            "embedding_size": self.identity["embedding_size"],
            "first_ids": list(self.first_ids),
            "left_out": list(self.left_out),
            "written": self.written,
            "there_before": self.there_before,
            "matches": matches,
        }


@dataclass(frozen=True)
class ImportTarget:
    """Say where an import goes, and what made the embeddings."""

    root: Path
    """The cache; the folder is made in it."""
    modality: str
    name: str

    def __post_init__(self) -> None:
        """Check the names."""
        if not self.name.strip():
            raise ConfigError("--name: is empty; say what made the embeddings")
        modality = self.modality
        if not modality or Path(modality).name != modality or modality.startswith("."):
            raise ConfigError(f"--modality {modality}: must be the name of a folder")


def import_embeddings(
    sources: Sequence[Path],
    target: ImportTarget,
    *,
    rules: ImportRules | None = None,
    cohort: Cohort | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Read embeddings and store them in one shard of a cache folder: all of them, or none.

    What is imported names the folder, so that the same files go to the same folder, where they are
    stored once, and others to another. In memory they take four times their size meanwhile.

    Args:
        sources: Files, or folders with files, all of one format.
        target: Where they go.
        rules: How the files are to be understood.
        cohort: Count how many of its cases and patients are among the ids.
        dry_run: Write nothing.
        progress: Is told of each file.

    Raises:
        FeaturesError: A file cannot be read, or they do not fit together; the message names the
            file and the case.
        CacheError: The folder cannot be written, or is damaged.
    """
    files = files_to_import(sources)
    read = read_import_files(files, rules or ImportRules(), progress or Silent())
    identity = _identity(files, read, target.name)
    case_ids = list(dict.fromkeys(read.case_ids))
    where = (target.root, target.modality, identity)
    there_before = CacheFolder.exists(*where) and _holds(CacheFolder.find(*where), read)
    if not there_before and not dry_run:
        _store(CacheFolder.open(*where), read)
    return ImportReport(
        folder=CacheFolder.location(*where),
        identity=identity,
        n_cases=len(case_ids),
        first_ids=tuple(case_ids[:_SHOWN_IDS]),
        left_out=read.left_out,
        written=not there_before and not dry_run,
        there_before=there_before,
        matches={} if cohort is None else _matches(cohort, set(case_ids)),
    )


def _identity(files: Sequence[Path], read: ImportRows, name: str) -> dict[str, Any]:
    n_scans, width = read.vectors.shape
    identity = {
        "encoder": IMPORTED,
        "name": name,
        "weights_sha256": None,
        "embedding_size": width,
        "n_scans": n_scans,
        "content_sha256": content_sha256(read.case_ids, read.sources, read.vectors),
        "files": {
            "format": files[0].suffix.lower()[1:],
            "number": len(files),
            "sha256": _joint_digest(read.digests),
        },
    }
    provenance = read_provenance(files[0]) if len(files) == 1 else None
    # One that tells of other rows was left behind when somebody changed the file.
    if provenance and provenance.get("content_sha256") == identity["content_sha256"]:
        identity["exported_from"] = {key: provenance.get(key) for key in ("fingerprint", "recipe")}
    return identity


def _joint_digest(digests: Sequence[str]) -> str:
    """Return the digest of one file as it is; of several, that of their sorted digests."""
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256("\n".join(sorted(digests)).encode()).hexdigest()


def _holds(folder: CacheFolder, read: ImportRows) -> bool:
    stored = {(row.case_id, row.source_sha256) for rows in folder.index().values() for row in rows}
    return stored == set(zip(read.case_ids, read.sources, strict=True))


def _store(folder: CacheFolder, read: ImportRows) -> None:
    rows = zip(read.case_ids, read.sources, read.vectors, strict=True)
    folder.commit([FeatureRow(case_id, source, "", vector) for case_id, source, vector in rows])


def _matches(cohort: Cohort, ids: set[str]) -> dict[str, tuple[int, int]]:
    kinds = {"case_id": set(cohort.case_ids), "patient_id": set(cohort.patient_ids)}
    return {key: (len(wanted & ids), len(wanted)) for key, wanted in kinds.items()}
