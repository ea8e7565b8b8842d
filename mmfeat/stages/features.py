"""Join the features of all modalities by case, and fit them to one fold."""

import logging
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from mmfeat.config.loading import Project
from mmfeat.config.modalities import TableModality
from mmfeat.errors import CohortError
from mmfeat.feature_table import FeatureTable, FittedFeatures
from mmfeat.manifest.cohort import Cohort
from mmfeat.stages.listed_cases import named_cases
from mmfeat.stages.modality_features import ModalityFeatures, open_modality
from mmfeat.tabular import RecordTable

_LOGGER = logging.getLogger(__name__)


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
        name: open_modality(project, name, modality, cohort, with_tokens=with_tokens)
        for name, modality in project.settings.modalities.items()
    }
    for name, part in joined.items():
        if not part.present.any():
            raise CohortError(f"modality `{name}`: no case has it; take it out of the settings")
    _refuse_empty_cases(cohort, list(joined.values()))
    table = join_features(cohort, joined)
    for note in table.notes:
        _LOGGER.info("%s", note)
    return table


def join_features(cohort: Cohort, joined: Mapping[str, ModalityFeatures]) -> FeatureTable:
    """Put the features of all modalities side by side, in their order, with everybody's notes."""
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
        notes=(*cohort.notes, *(note for part in joined.values() for note in part.notes)),
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


def _refuse_empty_cases(cohort: Cohort, joined: Sequence[ModalityFeatures]) -> None:
    failed = {case_id for part in joined for case_id in part.failed}
    known = np.any([part.present for part in joined], axis=0)
    empty = [
        case_id
        for case_id, is_known in zip(cohort.case_ids, known, strict=True)
        if not is_known and case_id not in failed
    ]
    if empty:
        raise CohortError(
            f"nothing in any modality for {named_cases(empty)}; "
            "give each case a scan, a record or an embedding, or take its row out"
        )
