"""What the numbers were made from and on: the block ``provenance``."""

import os
import platform
from typing import Any

from mmfeat.config.modalities import VolumeModality
from mmfeat.core_budget import allotted_cores
from mmfeat.manifest.reading import sha256_of_table
from mmfeat.memory_budget import allotted_bytes
from mmfeat.provenance import library_versions, sha256_of_file
from mmfeat.report.run_results import PREDICTIONS
from mmfeat.stages.evaluation.evaluation import Evaluation
from mmfeat.stages.volume_encoder import volume_encoder


def run_provenance(evaluation: Evaluation) -> dict[str, Any]:
    """Return on what this evaluation ran, and digests of all that went into it.

    Nothing here names the machine, its user or a folder, so that the results can be passed on.

    Args:
        evaluation: The run as it was opened, and its predictions.
    """
    project, opened = evaluation.project, evaluation.opened
    manifest = project.path(project.settings.cohort.manifest)
    return {
        "machine": {
            "system": f"{platform.system()} {platform.release()}",
            "architecture": platform.machine(),
            "cores": allotted_cores(),
            "memory_gib": round(allotted_bytes() / 2**30, 1),
        },
        "versions": library_versions(),
        "threads": os.environ.get("OMP_NUM_THREADS"),
        "manifest": {"file": manifest.name, "sha256": sha256_of_table(manifest)},
        "splits": {
            "file": "splits.csv",
            "sha256": sha256_of_file(opened.run / "splits.csv"),
            "by": "patient",
            **project.settings.cohort.split.model_dump(mode="json", include=_SPLIT),
        },
        "predictions": {
            "file": PREDICTIONS,
            "sha256": sha256_of_file(opened.run / PREDICTIONS),
        },
        "features": dict(opened.table.fingerprints),
        "encoders": _encoders(evaluation),
        "seeds": {name: list(opened.plan.seeds_of(name)) for name in opened.plan.methods},
    }


_SPLIT = {"folds", "val_share", "stratify_by", "by_site", "seed"}


def _encoders(evaluation: Evaluation) -> dict[str, Any]:
    """Return of each modality of scans which frozen model made its features, from what weights."""
    project = evaluation.project
    found = {}
    for name, modality in project.settings.modalities.items():
        if isinstance(modality, VolumeModality):
            made = volume_encoder(project, modality, device="cpu")
            found[name] = {
                "encoder": made.encoder.name,
                "embedding_size": made.encoder.embedding_size,
                "weights_sha256": made.encoder.weights_sha256,
                "recipe": made.encoder.recipe,
            }
    return found
