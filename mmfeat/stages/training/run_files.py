"""What training writes into a run beside the heads, and what it remarks on."""

from pathlib import Path

import pandas as pd

from mmfeat.feature_table import FeatureTable
from mmfeat.manifest.cohort import Cohort, Fold
from mmfeat.manifest.splits import parts_of
from mmfeat.provenance import library_versions, write_json, written_atomically
from mmfeat.stages.extraction.accounts import last_extractions
from mmfeat.stages.training.plan import TrainingPlan
from mmfeat.stages.training.session import TrainingSession, TrainReport


def notes_on_cases(cohort: Cohort, table: FeatureTable, plan: TrainingPlan) -> tuple[str, ...]:
    """Say which cases are left out."""
    notes = []
    n_unusable = int((~table.usable).sum())
    if n_unusable:
        notes.append(f"{n_unusable} cases have no features at all and are left out")
    for target in plan.targets:
        n_unlabelled = int((~cohort.targets[target].known & table.usable).sum())
        if n_unlabelled:
            notes.append(f"`{target}`: {n_unlabelled} cases without a label are not trained on")
    return tuple(notes)


def write_splits(run: Path, cohort: Cohort, folds: list[Fold]) -> None:
    """Write which part of each fold each case is in."""
    columns = {"case_id": cohort.case_ids, "patient_id": cohort.patient_ids}
    parts = {f"fold_{number}": parts_of(fold) for number, fold in enumerate(folds)}
    with written_atomically(run / "splits.csv") as partial:
        pd.DataFrame({**columns, **parts}).to_csv(partial, index=False)


def write_run(session: TrainingSession, report: TrainReport) -> None:
    """Write ``run.json``, which says that training is finished."""
    project = session.project
    cohort, plan = session.cohort, session.plan
    write_json(
        session.run / "run.json",
        {
            "settings": project.settings.model_dump(mode="json"),
            "versions": library_versions(),
            "features": session.table.fingerprints,
            "extraction": last_extractions(project),
            "targets": {
                name: {
                    "kind": cohort.targets[name].kind,
                    "outputs": list(cohort.targets[name].names),
                }
                for name in plan.targets
            },
            "methods": {name: list(plan.seeds_of(name)) for name in plan.methods},
            "record_encoders": [dict(variant.encoders) for variant in plan.variants],
            "folds": plan.n_folds,
            "heads": plan.n_heads,
            "device": session.device,
            "seconds": report.elapsed_s,
            "seconds_per_head": report.seconds_per_head,
            "seconds_per_encoder": report.seconds_per_encoder,
            "notes": list(report.notes),
        },
    )
