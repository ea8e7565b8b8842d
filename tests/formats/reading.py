"""What is read of caches, runs and exported folders, as values that can be compared."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mmfeat import load_run
from mmfeat.cache import CacheFolder, keeps_tokens
from mmfeat.cache.browsing import open_caches
from mmfeat.config.loading import load_project
from mmfeat.stages.cohort import open_cohort
from mmfeat.stages.features import open_features
from mmfeat.stages.predicting.run_contents import RunContents
from mmfeat.stages.predicting.run_model import RunModel

METHOD_OF_EXPORT = "logistic"


def rows_of_cache(config: Path) -> dict[str, Any]:
    """Return features, tokens and failures of the only cache folder of a project."""
    project = load_project(config)
    (folder,) = open_caches(project.path(project.settings.extract.cache))
    wanted = sorted(
        {(case, row.source_sha256) for case, rows in folder.index().items() for row in rows}
    )
    features, there = folder.read(wanted)
    assert there.all()
    found: dict[str, Any] = {
        "features": {case: row.tolist() for (case, _), row in zip(wanted, features, strict=True)},
        "failures": sorted(
            {case: reason for (case, _), reason in folder.failures().items()}.items()
        ),
        "n_shards": len(folder.shards()),
    }
    if keeps_tokens(folder.identity):
        found["tokens"] = _tokens(folder, wanted)
    return found


def answers_of_run(run: Path) -> dict[str, np.ndarray]:
    """Return what every head says of every case of its cohort, by run, method and target."""
    answers = {}
    for method in RunContents.read(run).methods:
        model = RunModel.open(run, method=method)
        table = open_features(model.project, open_cohort(model.project))
        ready = model.ready(table)
        seen = table.present & table.usable[:, None]
        for target in model.targets:
            found = model.answers(ready, seen, target, recalibrated=False)
            answers[f"{run.name}/{method}/{target}"] = np.stack(found.by_head)
    return answers


def predictions_of_export(folder: Path) -> pd.DataFrame:
    """Return what `load_run` predicts of three made-up cases, which lack this or that."""
    embeddings = np.array([[1.0, 0.2, -0.5, 0.1], [np.nan] * 4, [-1.0, 0.0, 0.3, 2.0]], np.float32)
    records = pd.DataFrame({"age": ["71", "55.5", ""], "lobe": ["upper", "lower", ""]})
    run = load_run(folder, method=METHOD_OF_EXPORT)
    return run.predict({"ct": embeddings, "clinical": records}, case_ids=["a", "b", "c"])


def _tokens(folder: CacheFolder, wanted: list[tuple[str, str | None]]) -> dict[str, Any]:
    read = folder.read_tokens(wanted)
    parts = np.split(read.tokens, np.cumsum(read.counts)[:-1])
    return {case: part.round(6).tolist() for (case, _), part in zip(wanted, parts, strict=True)}
