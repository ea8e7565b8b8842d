"""The features of one modality for each case of a cohort, from wherever they are kept."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.cache import CacheFolder
from mmfeat.cache.failures import FAILURES_NAME
from mmfeat.config.loading import Project
from mmfeat.config.modalities import FeaturesModality, TableModality, VolumeModality
from mmfeat.errors import FeaturesError
from mmfeat.manifest.cohort import Cohort
from mmfeat.manifest.fault_list import refuse
from mmfeat.provenance import fingerprint
from mmfeat.stages.cache_place import cache_root
from mmfeat.stages.cached_features import CachedFeatures, read_cached_features
from mmfeat.stages.cached_tokens import read_cached_tokens
from mmfeat.stages.embedding_source import StoredEmbeddings, read_embedding_source
from mmfeat.stages.listed_cases import listed, named_cases
from mmfeat.stages.memory import most_bytes, stays_in_files
from mmfeat.stages.scan_pooling import pool_scans, pool_stored
from mmfeat.stages.text_columns import embed_text_columns
from mmfeat.stages.volume_encoder import volume_encoder
from mmfeat.tabular import RecordTable, read_records
from mmfeat.tabular.scan_set import ScanSet
from mmfeat.tabular.stored_vectors import StoredVectors


@dataclass(frozen=True)
class ModalityFeatures:
    """Hold the features of one modality, in the order of the cohort."""

    values: NDArray[np.float32] | StoredVectors | RecordTable
    present: NDArray[np.bool_]
    fingerprint: str
    failed: tuple[str, ...] = ()
    """Cases that have it not, because all their scans failed."""
    notes: tuple[str, ...] = ()
    scans: ScanSet | None = None
    """Where several scans of a case, or tokens, are kept."""


def open_modality(
    project: Project,
    name: str,
    modality: VolumeModality | TableModality | FeaturesModality,
    cohort: Cohort,
    *,
    with_tokens: bool,
) -> ModalityFeatures:
    """Read what the cohort has of one modality: from the cache, the manifest or a file.

    Args:
        project: The project, its scans extracted.
        name: Name of the modality.
        modality: Its settings.
        cohort: The cases.
        with_tokens: Read tokens, where they are kept; they are in memory whole.

    Raises:
        CacheError: Scans are not extracted yet, or have changed since.
        FeaturesError: A file of embeddings cannot be used, or has none of the cases.
        EncoderError: The sentence encoder of a column of free text is not here.
    """
    match modality:
        case VolumeModality():
            return _open_volumes(project, name, modality, cohort, with_tokens=with_tokens)
        case TableModality():
            return _open_records(project, name, modality, cohort)
        case FeaturesModality():
            return _open_embeddings(project, name, modality, cohort)


def _open_volumes(
    project: Project, name: str, modality: VolumeModality, cohort: Cohort, *, with_tokens: bool
) -> ModalityFeatures:
    made = volume_encoder(project, modality, device="cpu")
    identity = made.identity
    folder = CacheFolder.find(cache_root(project), name, identity)
    reads_sets = modality.several == "set" or (with_tokens and modality.features == "tokens")
    cached = read_cached_features(
        folder,
        cohort.case_ids,
        cohort.sources[name],
        made.gate,
        most_bytes=math.inf if reads_sets else most_bytes(project),
    )
    failed = [case_id for case_id, _ in cached.failed]
    present = cached.scans.counts > 0
    without = {case_id for case_id, has in zip(cohort.case_ids, present, strict=True) if not has}
    lost = tuple(case_id for case_id in dict.fromkeys(failed) if case_id in without)
    reduced = [case_id for case_id in dict.fromkeys(failed) if case_id not in without]
    reasons = f"the reasons are in {folder.path / FAILURES_NAME}"
    notes = []
    if lost:
        notes.append(
            f"`{name}`: no features of {named_cases(lost)}, because extraction failed or rejected "
            f"them; {reasons}"
        )
    if reduced:
        notes.append(
            f"`{name}`: some scans of {named_cases(reduced)} failed or were rejected, and the "
            f"others stand for them; {reasons}"
        )
    sets = cached.scans if modality.several == "set" else None
    has_sets = modality.features == "tokens" or modality.several == "set"
    if with_tokens and modality.features == "tokens":
        sets = read_cached_tokens(folder, cohort.case_ids, cached, modality.several)
    elif has_sets and not with_tokens:
        notes.append(
            f"`{name}`: tokens and sets of scans are read only by methods that end in "
            "`-attention`; all others take one vector of a case"
        )
    stored = None
    if cached.stored is not None:
        stored = pool_stored(cached.stored, cached.scans, modality.several)
        notes.append(stays_in_files(name, stored))
    return ModalityFeatures(
        pool_scans(cached.scans, modality.several) if stored is None else stored,
        present,
        _volumes_fingerprint(identity, modality, cached),
        failed=lost,
        notes=tuple(notes),
        scans=sets,
    )


def _volumes_fingerprint(
    identity: Mapping[str, Any], modality: VolumeModality, cached: CachedFeatures
) -> str:
    """Digest how features are made, from which scans, and how those of a case become one."""
    scans = cached.scans
    used = {
        "counts": scans.counts.tolist(),
        "days": [None if np.isnan(days) else days for days in scans.days.tolist()],
        "sha256": cached.digests,
    }
    return fingerprint({**identity, "several": modality.several, "scans": used})


def _open_records(
    project: Project, name: str, modality: TableModality, cohort: Cohort
) -> ModalityFeatures:
    records, faults = read_records(cohort.frame, modality.columns)
    refuse(project.path(project.settings.cohort.manifest), faults)
    texts = embed_text_columns(project, name, modality, records)
    made_from = {
        column: kind.model_dump(mode="json", exclude={"model"} if column in texts.models else None)
        for column, kind in modality.columns.items()
    }
    of_texts = {"texts": texts.models} if texts.models else {}
    return ModalityFeatures(
        texts.records,
        records.present,
        fingerprint({"columns": made_from, **of_texts}),
        notes=texts.notes,
    )


def _open_embeddings(
    project: Project, name: str, modality: FeaturesModality, cohort: Cohort
) -> ModalityFeatures:
    file = project.path(modality.file)
    embeddings, sha256 = read_embedding_source(file, modality.key, most_bytes=most_bytes(project))
    ids = cohort.case_ids if modality.key == "case_id" else cohort.patient_ids
    places = {text: row for row, text in enumerate(embeddings.ids)}
    rows = np.array([places.get(text, -1) for text in ids], dtype=np.int64)
    present = rows >= 0
    if not present.any():
        raise FeaturesError(
            f"{file}: none of its ids is a {modality.key} of the manifest; it has "
            f"{listed(embeddings.ids[:3])}, and the manifest {listed(ids[:3])}"
        )
    made_from = fingerprint({"key": modality.key, "sha256": sha256})
    if isinstance(embeddings, StoredEmbeddings):
        stored = embeddings.vectors
        vectors = StoredVectors.of_rows(stored.files, np.where(present, stored.places[rows], -1))
        return ModalityFeatures(vectors, present, made_from, notes=(stays_in_files(name, vectors),))
    return ModalityFeatures(
        np.where(present[:, None], embeddings.vectors[rows], np.float32(0)), present, made_from
    )
