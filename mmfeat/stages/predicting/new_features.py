"""Embed the scans of new cases as the run's own were, and join all that is known of each case."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mmfeat.cache import CacheFolder, differing_fields
from mmfeat.config.loading import Project
from mmfeat.config.modalities import TableModality, VolumeModality
from mmfeat.errors import EncoderError
from mmfeat.feature_table import FeatureTable
from mmfeat.progress import Progress
from mmfeat.quality import judge
from mmfeat.stages.cache_place import cache_root
from mmfeat.stages.cached_features import ScanLookup
from mmfeat.stages.features import join_features
from mmfeat.stages.modality_features import ModalityFeatures, open_modality
from mmfeat.stages.predicting.new_cases import NewCases
from mmfeat.stages.predicting.references import References
from mmfeat.stages.predicting.run_model import RunModel
from mmfeat.stages.quality_gate import stored_facts
from mmfeat.stages.text_columns import embed_text_columns
from mmfeat.stages.volume_encoder import volume_encoder
from mmfeat.tabular.scan_set import ScanSet

Remarks = dict[str, list[str]]
"""Sentences by the id of a case."""


@dataclass(frozen=True)
class NewFeatures:
    """Hold all that is known of new cases."""

    table: FeatureTable
    """All cases, also those of which nothing is known."""
    failures: Remarks
    """Scans that could not be embedded, or were rejected, with the reason."""
    quality: Remarks
    """What is to be said of the quality of scans that were used."""
    notes: tuple[str, ...]


def features_of_new_cases(
    model: RunModel,
    references: References,
    cases: NewCases,
    *,
    progress: Progress,
    should_stop: Callable[[], bool],
    retry_failed: bool = False,
    trust_code: bool = False,
) -> NewFeatures:
    """Embed what the cache lacks, and join the features of all modalities.

    Args:
        model: The run.
        references: What its features were made with.
        cases: The new cases, whose project says where the cache is.
        progress: Told of each scan.
        should_stop: Asked between scans; what is finished is in the cache then.
        retry_failed: Try again scans that failed before and have not changed.
        trust_code: Whether an encoder may run code that its weights bring.

    Raises:
        EncoderError: The encoder here is not the one of the run; the message names what differs.
        Interrupted: A stop was asked for.
    """
    check_encoders(cases.project, references)
    project = cases.project
    failures: Remarks = {}
    notes = list(cases.notes)
    volumes = [
        n for n, one in project.settings.modalities.items() if isinstance(one, VolumeModality)
    ]
    if volumes:
        from mmfeat.stages.extraction.extract import extract  # slow to load, for scans alone

        report = extract(
            project,
            progress=progress,
            should_stop=should_stop,
            retry_failed=retry_failed,
            trust_code=trust_code,
            beside=cases.cohort,
        )
        notes += report.notes
        for modality in report.modalities:
            for (case_id, _), reason in modality.failures.items():
                failures.setdefault(case_id, []).append(f"{modality.modality}: {reason}")
    joined = {name: _joined(model, cases, name) for name in model.modalities}
    for part in joined.values():
        notes += part.notes
    return NewFeatures(
        join_features(cases.cohort, joined), failures, _quality(cases, volumes), tuple(notes)
    )


def check_encoders(project: Project, references: References) -> None:
    """See that scans would be embedded just as those that the run was trained on.

    Raises:
        EncoderError: They would not, or there is no encoder here.
    """
    for name, modality in project.settings.modalities.items():
        if not isinstance(modality, VolumeModality):
            continue
        identity = volume_encoder(project, modality, device="cpu").identity
        differing = differing_fields(references.encoders[name], identity)
        if differing:
            raise EncoderError(
                f"modality `{name}`: the run was trained on features that were made otherwise: "
                f"{'; '.join(differing)}; use the recipe and weights of the run "
                f"(--weights {name}=FILE), or train again"
            )


def chosen_cases(table: FeatureTable, rows: NDArray[np.int64]) -> FeatureTable:
    """Return some of the cases of a table."""
    return replace(
        table,
        case_ids=tuple(table.case_ids[row] for row in rows),
        patient_ids=tuple(table.patient_ids[row] for row in rows),
        vectors={
            name: values[rows] if isinstance(values, np.ndarray) else values.take(rows)
            for name, values in table.vectors.items()
        },
        records={name: records.taken(rows) for name, records in table.records.items()},
        present=table.present[rows],
        sets={name: scans.of_cases(rows) for name, scans in table.sets.items()},
    )


def _joined(model: RunModel, cases: NewCases, name: str) -> ModalityFeatures:
    """Return the features of one modality, zeros where no new case has it."""
    modality = cases.project.settings.modalities.get(name)
    if isinstance(modality, TableModality):
        texts = embed_text_columns(cases.project, name, modality, cases.records[name])
        return ModalityFeatures(texts.records, texts.records.present, "", notes=texts.notes)
    if modality is None:
        return _absent(model, len(cases.cohort), name)
    found = open_modality(cases.project, name, modality, cases.cohort, with_tokens=model.reads_sets)
    if not found.present.any():  # all scans failed
        return _absent(model, len(cases.cohort), name)
    # Failed scans are remarked on case by case.
    return replace(found, notes=()) if isinstance(modality, VolumeModality) else found


def _absent(model: RunModel, n_cases: int, name: str) -> ModalityFeatures:
    vectors = np.zeros((n_cases, model.widths[name]), np.float32)
    sets = None
    if name in model.set_widths:
        no_rows = np.zeros(0, np.int64)
        sets = ScanSet(
            np.zeros((0, model.set_widths[name]), np.float32),
            np.zeros(n_cases + 1, np.int64),
            np.zeros(0),
            no_rows if model.set_widths[name] != model.widths[name] else None,
        )
    return ModalityFeatures(vectors, np.zeros(n_cases, dtype=bool), "", scans=sets)


def _quality(cases: NewCases, volumes: list[str]) -> Remarks:
    """Return the warnings on each case's scans, as they were measured when they were embedded."""
    found: Remarks = {}
    project = cases.project
    for name in volumes:
        modality = project.settings.modalities[name]
        if not isinstance(modality, VolumeModality):
            continue
        made = volume_encoder(project, modality, device="cpu")
        where = (cache_root(project), name, made.identity)
        folder = CacheFolder.find(*where)
        lookup = ScanLookup(folder.index(), folder.failed_scans())
        for case_id, scans in zip(cases.cohort.case_ids, cases.cohort.sources[name], strict=True):
            for stored, _ in lookup.find(case_id, scans):
                facts = None if stored is None else stored_facts(stored.quality)
                for finding in () if facts is None else judge(facts, made.gate.thresholds).findings:
                    if finding.severity == "warn":
                        remark = f"{name}: quality, {finding.code}: {finding.message}"
                        found.setdefault(case_id, []).append(remark)
    return found
