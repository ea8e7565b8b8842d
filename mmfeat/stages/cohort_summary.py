"""Count what is in a cohort, for a look before anything is computed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from mmfeat.config.loading import Project
from mmfeat.config.modalities import FeaturesModality, TableModality, VolumeModality
from mmfeat.manifest.cohort import Cohort, Fold, TargetValues
from mmfeat.stages.embedding_source import read_embedding_source
from mmfeat.tabular import read_records


@dataclass(frozen=True)
class TargetSummary:
    """Count the labels of one target."""

    kind: str
    n_known: int
    """Cases with a label; of a multilabel target, with at least one."""
    n_missing: int
    counts: dict[str, int]
    """Cases of each output: of the positive value, each class, each label, or with an event."""
    prevalence: dict[str, float]
    """The counts as shares of the cases in which that label is known."""


@dataclass(frozen=True)
class CohortSummary:
    """Count cases, patients, labels, modalities and the parts of the folds."""

    n_cases: int
    n_patients: int
    targets: dict[str, TargetSummary]
    modalities: dict[str, int]
    """Cases that have each modality."""
    n_several: dict[str, int]
    """For each volume modality, the cases that have several scans."""
    availability: dict[str, int]
    """Cases with exactly these modalities, joined by +; the empty text: none."""
    folds: list[dict[str, int]]
    """Cases in each part of each fold."""
    notes: tuple[str, ...]
    """What the user should know of how the tables were read, a sentence each."""

    def to_json(self) -> dict[str, object]:
        """Return the summary as plain JSON values."""
        return asdict(self)


def summarise_cohort(project: Project, cohort: Cohort, folds: Sequence[Fold]) -> CohortSummary:
    """Count what the cohort holds; files of embeddings are read for it, scans are not.

    Raises:
        FeaturesError: A file of embeddings cannot be used.
    """
    present = _presence(project, cohort)
    rows = np.stack(list(present.values()), axis=1)  # (cases, modalities)
    names = list(present)
    seen = Counter("+".join(np.array(names)[row]) for row in rows)
    return CohortSummary(
        n_cases=len(cohort),
        n_patients=len(set(cohort.patient_ids)),
        targets={name: _summarise_target(target) for name, target in cohort.targets.items()},
        modalities={name: int(has.sum()) for name, has in present.items()},
        n_several={
            name: sum(len(scans) > 1 for scans in sources)
            for name, sources in cohort.sources.items()
        },
        availability=dict(seen.most_common()),
        folds=[
            {"train": len(fold.train), "val": len(fold.val), "test": len(fold.test)}
            for fold in folds
        ],
        notes=cohort.notes,
    )


def _presence(project: Project, cohort: Cohort) -> Mapping[str, NDArray[np.bool_]]:
    present = {}
    for name, modality in project.settings.modalities.items():
        match modality:
            case VolumeModality():
                has = [len(scans) > 0 for scans in cohort.sources[name]]
            case TableModality():
                records, _ = read_records(cohort.frame, modality.columns)
                has = records.present.tolist()
            case FeaturesModality():
                embeddings, _ = read_embedding_source(project.path(modality.file), modality.key)
                ids = set(embeddings.ids)
                keys = cohort.case_ids if modality.key == "case_id" else cohort.patient_ids
                has = [key in ids for key in keys]
        present[name] = np.array(has, dtype=bool)
    return present


def _summarise_target(target: TargetValues) -> TargetSummary:
    n_known = int(target.known.sum())
    counts, known = _counts(target)
    return TargetSummary(
        kind=target.kind,
        n_known=n_known,
        n_missing=len(target.values) - n_known,
        counts=counts,
        prevalence={name: counts[name] / known[name] for name in counts},
    )


def _counts(target: TargetValues) -> tuple[dict[str, int], dict[str, int]]:
    """Count the cases of each output, and those in which it is known."""
    values = target.values
    match target.kind:
        case "multiclass":
            n_known = int(target.known.sum())
            counts = {
                name: int((values[:, 0] == index).sum()) for index, name in enumerate(target.names)
            }
            return counts, dict.fromkeys(counts, n_known)
        case "regression":
            return {}, {}
        case "time_to_event":
            events = values[:, 1]
            name = target.names[1]
            return {name: int((events == 1).sum())}, {name: int((~np.isnan(events)).sum())}
        case _:
            columns = dict(zip(target.names, values.T, strict=True))
            counts = {name: int((column == 1).sum()) for name, column in columns.items()}
            return counts, {name: int((~np.isnan(c)).sum()) for name, c in columns.items()}
