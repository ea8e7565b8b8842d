"""What training writes into a run beside the heads, and what it remarks on."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from mmfeat.feature_table import FeatureTable
from mmfeat.fusion.imbalance import BaseRates, rarest_class
from mmfeat.manifest.cohort import Cohort, Fold
from mmfeat.manifest.splits import parts_of
from mmfeat.provenance import library_versions, write_json, written_atomically
from mmfeat.stages.extraction.accounts import last_extractions
from mmfeat.stages.training.choosing import choices_to_json
from mmfeat.stages.training.outcomes import fold_outcomes, joint_task
from mmfeat.stages.training.plan import TrainingPlan
from mmfeat.stages.training.session import TrainingSession, TrainReport, failures_to_json
from mmfeat.stages.training.trained_run import RUN_FORMAT


def notes_on_cases(cohort: Cohort, table: FeatureTable, plan: TrainingPlan) -> tuple[str, ...]:
    """Say which cases are left out."""
    notes = []
    n_unusable = int((~table.usable).sum())
    if n_unusable:
        notes.append(f"{n_unusable} cases have no features at all and are left out")
    for target in plan.targets:
        if target in plan.joint:
            continue
        n_unlabelled = int((~cohort.targets[target].known & table.usable).sum())
        if n_unlabelled:
            notes.append(f"`{target}`: {n_unlabelled} cases without a label are not trained on")
    return tuple(notes)


def notes_on_imbalance(
    cohort: Cohort, plan: TrainingPlan, folds: Sequence[Fold], rule: BaseRates
) -> tuple[str, ...]:
    """Say of which targets networks are spared learning the base rates, by the first fold."""
    alone = [name for name, one in plan.methods.items() if one.uses_seed and not one.uses_linear]
    notes = []
    for target in plan.targets if alone else ():
        weights = plan.weights_of(target)
        outcomes = fold_outcomes(cohort, folds[0], weights)
        labels = [
            one.labels(cohort.targets[name].values)[folds[0].train]
            for name, one in outcomes.items()
        ]
        rarest = rarest_class(np.hstack(labels), joint_task(outcomes, weights))
        if rarest is not None and rarest.needs_base_rates(rule):
            notes.append(
                f"`{target}`: networks ({', '.join(alone)}) start from the base rates, since the "
                f"rarest class has {rarest.n_cases} cases in the training part of fold 0 "
                f"({100 * rarest.share:.1f} %; train.base_rates={rule})"
            )
    return tuple(notes)


def write_splits(run: Path, cohort: Cohort, folds: Sequence[Fold]) -> None:
    """Write which part of each fold each case is in."""
    columns = {"case_id": cohort.case_ids, "patient_id": cohort.patient_ids}
    parts = {f"fold_{number}": parts_of(fold) for number, fold in enumerate(folds)}
    with written_atomically(run / "splits.csv") as partial:
        pd.DataFrame({**columns, **parts}).to_csv(partial, index=False)


def write_run(session: TrainingSession, report: TrainReport) -> None:
    """Write ``run.json``, which says that training is finished."""
    opened = session.opened
    project, cohort, plan = opened.project, opened.cohort, opened.plan
    write_json(
        opened.run / "run.json",
        {
            "format": RUN_FORMAT,
            "settings": project.settings.model_dump(mode="json"),
            "settings_file": os.path.relpath(project.file, opened.run),
            "versions": library_versions(),
            "features": opened.table.fingerprints,
            "extraction": last_extractions(project),
            "targets": {
                name: {
                    "kind": cohort.targets[name].kind,
                    "outputs": list(cohort.targets[name].names),
                }
                for target in plan.targets
                for name in plan.weights_of(target)
            },
            "joint": {name: dict(weights) for name, weights in plan.joint.items()},
            "methods": {name: list(plan.seeds_of(name)) for name in plan.methods},
            "record_encoders": [dict(variant.encoders) for variant in plan.variants],
            "folds": plan.n_folds,
            "heads": plan.n_heads,
            "grid": {name: list(values) for name, values in project.settings.train.grid.items()},
            "chosen": choices_to_json(report.choices),
            "failures": failures_to_json(report.failures),
            "device": session.device,
            "processes": report.n_processes,
            "seconds": report.elapsed_s,
            "seconds_per_head": report.seconds_per_head,
            "seconds_per_encoder": report.seconds_per_encoder,
            "notes": [*report.notes, *report.found],
        },
    )
