"""Predict new cases by all heads of a run; nothing is fitted, to them or to anything else."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmfeat.errors import CohortError, Interrupted
from mmfeat.feature_table import FeatureTable
from mmfeat.progress import Progress, Silent
from mmfeat.provenance import library_versions, sha256_of_file
from mmfeat.stages.listed_cases import listed
from mmfeat.stages.predicting.flags import unlike_training
from mmfeat.stages.predicting.new_cases import NewCases
from mmfeat.stages.predicting.new_features import (
    NewFeatures,
    chosen_cases,
    features_of_new_cases,
)
from mmfeat.stages.predicting.predicted import Predicted
from mmfeat.stages.predicting.references import References
from mmfeat.stages.predicting.run_model import RunModel
from mmfeat.stages.predicting.target_answers import TargetAnswers, availability_of, target_answers

NOTHING = "nothing in any modality"


@dataclass(frozen=True)
class PredictOptions:
    """Say how new cases are predicted."""

    level: float = 0.9
    """Of the sets and intervals: how often they are to hold the truth."""
    allow_overlap: bool = False
    """Predict also patients who were trained on."""
    retry_failed: bool = False
    """Try again scans that failed before and have not changed."""
    trust_code: bool = False
    """Let an encoder run code that its weights bring."""


def predict(
    model: RunModel,
    cases: NewCases,
    *,
    options: PredictOptions,
    progress: Progress,
    should_stop: Callable[[], bool],
) -> Predicted:
    """Embed what is new, and ask every head of every fold for every target.

    Args:
        model: The run.
        cases: The new cases; their project says where the cache is.
        options: How.
        progress: Told of scans, and then of targets.
        should_stop: Asked between scans; finished ones are in the cache then.

    Raises:
        CohortError: A patient was trained on, and that was not allowed.
        EncoderError: The encoder here is not the one of the run.
        TrainError: The run was not evaluated, or cannot be read.
        Interrupted: A stop was asked for.
    """
    references = References.load(model.folder)
    overlap = _overlap(model, cases, allowed=options.allow_overlap)
    features = features_of_new_cases(
        model,
        references,
        cases,
        progress=progress,
        should_stop=should_stop,
        retry_failed=options.retry_failed,
        trust_code=options.trust_code,
    )
    notes = list(features.notes)
    if not cases.has_patients:
        notes.append("no patient is named, so it was not checked whether one was trained on")
    if overlap:
        notes.append(
            f"patients who were trained on: {listed(sorted(overlap))}; what is said of them looks "
            "better than it is"
        )
    return _predicted(
        model,
        references,
        features,
        level=options.level,
        overlap=overlap,
        notes=notes,
        progress=progress,
        should_stop=should_stop,
    )


def predict_table(model: RunModel, table: FeatureTable, *, level: float) -> Predicted:
    """Predict cases whose features are there already; see `predict`.

    Nobody looks whether their patients were trained on.

    Args:
        model: The run.
        table: Features and records, with the modalities of the run in its order.
        level: Of the sets and intervals.
    """
    return _predicted(
        model,
        References.load(model.folder),
        NewFeatures(table, {}, {}, table.notes),
        level=level,
        overlap=frozenset(),
        notes=table.notes,
        progress=Silent(),
        should_stop=lambda: False,
    )


def _overlap(model: RunModel, cases: NewCases, *, allowed: bool) -> frozenset[str]:
    """Return the patients who were trained on, where that is known and allowed."""
    if not cases.has_patients:
        return frozenset()
    overlap = model.known_patients(cases.cohort.patient_ids)
    if overlap and not allowed:
        raise CohortError(
            f"{cases.project.settings.cohort.manifest}: the run was trained on "
            f"{'patient' if len(overlap) == 1 else 'patients'} {listed(overlap)}, of whom it would "
            "seem to know more than it does of others; take them out, or pass --allow-overlap"
        )
    return frozenset(overlap)


def _predicted(
    model: RunModel,
    references: References,
    features: NewFeatures,
    *,
    level: float,
    overlap: frozenset[str],
    notes: Sequence[str],
    progress: Progress,
    should_stop: Callable[[], bool],
) -> Predicted:
    table = features.table
    rows = np.flatnonzero(table.usable)
    known = chosen_cases(table, rows)
    ready = model.ready(known)
    found = []
    progress.start("predict", len(model.targets))
    for target in model.targets:
        if should_stop():
            raise Interrupted(
                "all features are in the cache, and nothing else is written; run the same command "
                "again"
            )
        answers = target_answers(model, references, ready, target, level=level)
        found.append(answers.among(rows, len(table)))
        progress.advance(note=target)
    unlike = unlike_training(table, references)
    flags = [
        (
            *(["this patient was trained on"] if patient in overlap else ()),
            *(f"not used: {reason}" for reason in features.failures.get(case_id, ())),
            *unlike.remarks.get(case_id, ()),
            *features.quality.get(case_id, ()),
        )
        for case_id, patient in zip(table.case_ids, table.patient_ids, strict=True)
    ]
    failed = {
        table.case_ids[row]: "; ".join(features.failures.get(table.case_ids[row], (NOTHING,)))
        for row in np.flatnonzero(~table.usable)
    }
    return Predicted(
        case_ids=table.case_ids,
        patient_ids=table.patient_ids,
        modalities=model.modalities,
        availability=tuple(availability_of(model.modalities, seen) for seen in table.present),
        targets=tuple(found),
        farther=unlike.farther,
        flags=tuple(flags),
        failed=failed,
        incomplete={name: tuple(why) for name, why in features.failures.items()},
        provenance=_provenance(model, level, found),
        notes=(*notes, *_notes_on_recalibration(found)),
    )


def _notes_on_recalibration(found: Sequence[TargetAnswers]) -> list[str]:
    """Say of which targets probabilities are not recalibrated; numbers never are."""
    plain = [one.target for one in found if one.kind != "regression" and not one.recalibrated]
    if not plain:
        return []
    return [
        f"not recalibrated, as evaluation fitted nothing for it: {listed(plain)}; these "
        "probabilities are as the heads say"
    ]


def _provenance(model: RunModel, level: float, found: Sequence[TargetAnswers]) -> dict[str, Any]:
    return {
        "run": str(model.folder.absolute()),
        "run_sha256": sha256_of_file(model.folder / "run.json"),
        "method": model.method,
        "targets": list(model.targets),
        "folds": model.n_folds,
        "level": level,
        "recalibrated": {one.target: one.recalibrated for one in found},
        "versions": library_versions(),
    }
