"""Join the features of all modalities by case, and fit them to one fold."""

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmfeat.cache import CacheFolder
from mmfeat.cache.failures import FAILURES_NAME
from mmfeat.config.loading import Project
from mmfeat.config.modalities import FeaturesModality, TableModality, VolumeModality
from mmfeat.errors import CohortError, FeaturesError
from mmfeat.feature_table import FeatureTable, FittedFeatures
from mmfeat.manifest.cohort import Cohort
from mmfeat.manifest.fault_list import refuse
from mmfeat.provenance import fingerprint
from mmfeat.stages.cached_features import CachedFeatures, read_cached_features
from mmfeat.stages.cached_tokens import read_cached_tokens
from mmfeat.stages.embedding_source import StoredEmbeddings, read_embedding_source
from mmfeat.stages.memory import most_bytes, stays_in_files
from mmfeat.stages.scan_pooling import pool_scans, pool_stored
from mmfeat.stages.text_columns import embed_text_columns
from mmfeat.stages.volume_encoder import volume_encoder
from mmfeat.tabular import RecordTable, read_records
from mmfeat.tabular.scan_set import ScanSet
from mmfeat.tabular.stored_vectors import StoredVectors

_LOGGER = logging.getLogger(__name__)
_SHOWN = 10


def open_features(project: Project, cohort: Cohort, *, with_tokens: bool = False) -> FeatureTable:
    """Join scans' features from the cache, records and embeddings made elsewhere by case.

    The scans of a case are pooled as the modality's ``several`` says. A scan that failed in
    extraction is taken not to be there, and is reported in the log and in the table's notes; a case
    that has nothing else is in the table but not ``usable``.

    Args:
        project: The project, its scans extracted.
        cohort: Its cohort.
        with_tokens: Read the tokens of modalities that keep them, and make them the modality's set.
            They are in memory whole.

    Raises:
        CacheError: Scans are not extracted yet, or have changed since.
        FeaturesError: A file of embeddings cannot be used.
        EncoderError: The sentence encoder of a column of free text is not here.
        CohortError: A case has nothing in any modality, or a modality is of no case.
    """
    joined = {
        name: _open_modality(project, name, modality, cohort, with_tokens=with_tokens)
        for name, modality in project.settings.modalities.items()
    }
    for name, part in joined.items():
        if not part.present.any():
            raise CohortError(f"modality `{name}`: no case has it; take it out of the settings")
    _refuse_empty_cases(cohort, list(joined.values()))
    notes = (*cohort.notes, *(note for part in joined.values() for note in part.notes))
    for note in notes:
        _LOGGER.info("%s", note)
    return FeatureTable(
        case_ids=cohort.case_ids,
        patient_ids=cohort.patient_ids,
        modalities=tuple(joined),
        vectors={
            name: p.values for name, p in joined.items() if not isinstance(p.values, RecordTable)
        },
        records={name: p.values for name, p in joined.items() if isinstance(p.values, RecordTable)},
        present=np.stack([part.present for part in joined.values()], axis=1),
        fingerprints={name: part.fingerprint for name, part in joined.items()},
        notes=notes,
        sets={name: p.scans for name, p in joined.items() if p.scans is not None},
    )


def fit_features(project: Project, table: FeatureTable, rows: ArrayLike) -> FittedFeatures:
    """Fit the features to the given rows, each record modality by its settings."""
    tables = {
        name: modality
        for name, modality in project.settings.modalities.items()
        if isinstance(modality, TableModality)
    }
    return FittedFeatures.fit(
        table,
        rows,
        scaling={name: modality.scaling for name, modality in tables.items()},
        rare_below={name: modality.rare_below for name, modality in tables.items()},
    )


@dataclass(frozen=True)
class _Joined:
    """The features of one modality, in the order of the cohort."""

    values: NDArray[np.float32] | StoredVectors | RecordTable
    present: NDArray[np.bool_]
    fingerprint: str
    failed: tuple[str, ...] = ()
    """Cases that have it not, because all their scans failed."""
    notes: tuple[str, ...] = ()
    scans: ScanSet | None = None
    """Where several scans of a case, or tokens, are kept."""


def _open_modality(
    project: Project,
    name: str,
    modality: VolumeModality | TableModality | FeaturesModality,
    cohort: Cohort,
    *,
    with_tokens: bool,
) -> _Joined:
    match modality:
        case VolumeModality():
            return _open_volumes(project, name, modality, cohort, with_tokens=with_tokens)
        case TableModality():
            return _open_records(project, name, modality, cohort)
        case FeaturesModality():
            return _open_embeddings(project, name, modality, cohort)


def _open_volumes(
    project: Project, name: str, modality: VolumeModality, cohort: Cohort, *, with_tokens: bool
) -> _Joined:
    made = volume_encoder(project, modality, device="cpu")
    identity = made.identity
    folder = CacheFolder.find(project.path(project.settings.extract.cache), name, identity)
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
            f"`{name}`: no features of {_counted(lost)}, because extraction failed or rejected "
            f"them; {reasons}"
        )
    if reduced:
        notes.append(
            f"`{name}`: some scans of {_counted(reduced)} failed or were rejected, and the others "
            f"stand for them; {reasons}"
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
    return _Joined(
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


def _open_records(project: Project, name: str, modality: TableModality, cohort: Cohort) -> _Joined:
    records, faults = read_records(cohort.frame, modality.columns)
    refuse(project.path(project.settings.cohort.manifest), faults)
    texts = embed_text_columns(project, name, modality, records)
    made_from = {
        column: kind.model_dump(mode="json", exclude={"model"} if column in texts.models else None)
        for column, kind in modality.columns.items()
    }
    of_texts = {"texts": texts.models} if texts.models else {}
    return _Joined(
        texts.records,
        records.present,
        fingerprint({"columns": made_from, **of_texts}),
        notes=texts.notes,
    )


def _open_embeddings(
    project: Project, name: str, modality: FeaturesModality, cohort: Cohort
) -> _Joined:
    file = project.path(modality.file)
    embeddings, sha256 = read_embedding_source(file, modality.key, most_bytes=most_bytes(project))
    ids = cohort.case_ids if modality.key == "case_id" else cohort.patient_ids
    places = {text: row for row, text in enumerate(embeddings.ids)}
    rows = np.array([places.get(text, -1) for text in ids], dtype=np.int64)
    present = rows >= 0
    if not present.any():
        raise FeaturesError(
            f"{file}: none of its ids is a {modality.key} of the manifest; it has "
            f"{_listed(embeddings.ids[:3])}, and the manifest {_listed(ids[:3])}"
        )
    made_from = fingerprint({"key": modality.key, "sha256": sha256})
    if isinstance(embeddings, StoredEmbeddings):
        stored = embeddings.vectors
        vectors = StoredVectors.of_rows(stored.files, np.where(present, stored.places[rows], -1))
        return _Joined(vectors, present, made_from, notes=(stays_in_files(name, vectors),))
    return _Joined(
        np.where(present[:, None], embeddings.vectors[rows], np.float32(0)), present, made_from
    )


def _refuse_empty_cases(cohort: Cohort, joined: Sequence[_Joined]) -> None:
    failed = {case_id for part in joined for case_id in part.failed}
    known = np.any([part.present for part in joined], axis=0)
    empty = [
        case_id
        for case_id, is_known in zip(cohort.case_ids, known, strict=True)
        if not is_known and case_id not in failed
    ]
    if empty:
        raise CohortError(
            f"nothing in any modality for {_counted(empty)}; "
            "give each case a scan, a record or an embedding, or take its row out"
        )


def _counted(case_ids: Sequence[str]) -> str:
    return f"{len(case_ids)} {'case' if len(case_ids) == 1 else 'cases'} ({_listed(case_ids)})"


def _listed(ids: Sequence[str]) -> str:
    shown = ", ".join(f"`{text}`" for text in ids[:_SHOWN])
    return shown if len(ids) <= _SHOWN else f"{shown}, ... ({len(ids)} in all)"
