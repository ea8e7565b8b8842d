"""Look at the embeddings that a run was trained on, whatever it predicts from them."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.config.modalities import VolumeModality
from mmfeat.manifest.cohort import Cohort
from mmfeat.manifest.guessed_inputs import names_scanner
from mmfeat.quality.measuring import HEADER_FIELDS
from mmfeat.report.embedded_cases import EmbeddedCases
from mmfeat.report.embeddings import embedding_warnings, embeddings_block
from mmfeat.stages.evaluation.evaluation import Evaluation
from mmfeat.stages.evaluation.scan_facts import scan_facts

_ORIGIN_FIELDS = tuple(
    f"header_{name}" for name in HEADER_FIELDS if name in ("manufacturer", "model", "kernel")
)
Texts = Sequence[str | None]


def embeddings_of(evaluation: Evaluation) -> tuple[dict[str, Any], list[str]]:
    """Return the block ``embeddings`` of the results, by modality, and warnings."""
    opened, progress = evaluation.opened, evaluation.progress
    table = opened.table
    progress.start("embeddings", len(table.vectors))
    blocks: dict[str, Any] = {}
    warnings: list[str] = []
    for modality, vectors in table.vectors.items():
        cases = EmbeddedCases(
            case_ids=table.case_ids,
            patient_ids=table.patient_ids,
            is_test=_members([fold.test for fold in opened.folds], len(table)),
            is_learnt=_members([fold.outside_test for fold in opened.folds], len(table)),
            origins=dict(_origins(evaluation, modality)),
            labels=dict(_labels(opened.cohort, list(opened.plan.targets))),
        )
        blocks[modality] = embeddings_block(vectors, table.has(modality), cases, evaluation.options)
        warnings += embedding_warnings(modality, blocks[modality])
        progress.advance(note=modality)
    return blocks, warnings


def _members(parts: Sequence[NDArray[np.int64]], n_cases: int) -> NDArray[np.bool_]:
    return np.stack([np.isin(np.arange(n_cases), rows) for rows in parts])


def _origins(evaluation: Evaluation, modality: str) -> Iterator[tuple[str, Texts]]:
    """Give what says where a scan was made: the site, columns that sound like it, its header."""
    opened = evaluation.opened
    cohort, settings = opened.cohort, evaluation.settings
    if cohort.sites is not None:
        yield "site", [site or None for site in cohort.sites]
    for name in map(str, cohort.frame.columns):
        if names_scanner(name) and name != settings.cohort.site:
            yield name, [None if one != one else str(one) for one in cohort.frame[name]]
    volume = settings.modalities[modality]
    if isinstance(volume, VolumeModality):
        facts = scan_facts(opened, modality, volume)
        for field in _ORIGIN_FIELDS:
            texts = [facts.get(case_id, {}).get(field) for case_id in cohort.case_ids]
            if any(text is not None for text in texts):
                yield field, texts


def _labels(
    cohort: Cohort, targets: Sequence[str]
) -> Iterator[tuple[tuple[str, str], NDArray[np.float64]]]:
    """Give the labels of targets that are yes, no or a class; a class is its number."""
    for name in targets:
        target = cohort.targets.get(name)
        if target is None or target.kind not in ("binary", "multiclass", "multilabel"):
            continue
        if target.kind == "multilabel":
            for place, output in enumerate(target.names):
                yield (name, output), target.values[:, place]
        else:
            yield (name, ""), target.values[:, 0]
