"""Export a finished run to one portable folder: JSON, safetensors and a model card."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

import mmfeat
from mmfeat.config.loading import Project
from mmfeat.config.modalities import VolumeModality
from mmfeat.encoders.own.file_recipe import is_shipped_name
from mmfeat.errors import TrainError, one_line
from mmfeat.feature_table import FittedFeatures
from mmfeat.fusion.head_files import check_whole, read_description, write_description
from mmfeat.provenance import write_json
from mmfeat.record_encoders.fitted_in_context import FittedInContext
from mmfeat.stages.predicting.calibration_file import CALIBRATION_FILE, calibration_of_methods
from mmfeat.stages.predicting.export_guard import refuse_traces
from mmfeat.stages.predicting.fold_heads import encoder_options
from mmfeat.stages.predicting.model_card import write_card
from mmfeat.stages.predicting.portable_settings import OF_USERS, RECIPES, portable_settings
from mmfeat.stages.predicting.run_contents import Answerer, RunContents
from mmfeat.stages.predicting.run_model import RunModel, project_of
from mmfeat.stages.predicting.sealed_folder import is_sealed, seal_folder
from mmfeat.stages.predicting.trained_patients import (
    cases_of_run,
    patient_digests,
    patients_of_run,
)
from mmfeat.stages.training.target_encoder import read_encoder, save_encoder
from mmfeat.stages.training.whole_folder import remove_abandoned_copies, whole_folder

_OF_HEAD = ("model.safetensors", "baselines.json")
_AS_THEY_ARE = ("references.json", "references.safetensors")
"""Files that evaluation makes for predictions; they hold nothing of single patients."""


@dataclass(frozen=True)
class ExportReport:
    """Say what was written."""

    folder: Path
    methods: tuple[str, ...]
    targets: tuple[str, ...]
    n_heads: int
    n_bytes: int
    is_evaluated: bool
    """Whether the run had results; without them there is no calibration and no metric."""

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        return {**vars(self), "folder": str(self.folder)}


@dataclass(frozen=True)
class ExportOptions:
    """Say what goes into the folder."""

    methods: tuple[str, ...] = ()
    """Methods as `train.methods` names them; the run's first when empty."""
    with_patients: bool = True
    """Keep salted digests of the patients, so that predictions of them can be refused."""
    with_records: bool = False
    """Allow record encoders that keep the training part's records, without ids."""
    overwrite: bool = False
    """Replace a folder that was exported before."""


def export_run(
    run: Path,
    folder: Path,
    options: ExportOptions | None = None,
    *,
    add: Sequence[Callable[[Path, Path], None]] = (),
) -> ExportReport:
    """Write what a run needs to answer new cases, and nothing of its cohort, into a folder.

    Args:
        run: The run folder.
        folder: Where to; must not be there, or be an exported folder that is to be replaced.
        options: What goes into it.
        add: Called with the run and the folder before it is closed, such as for files of other
            runtimes.

    Raises:
        TrainError: There is no finished run, it cannot be exported, or the folder is in use.
    """
    options = options or ExportOptions()
    if is_sealed(run):
        raise TrainError(f"{run}: is exported already; copy the folder as it is")
    _check_free(folder, overwrite=options.overwrite)
    contents = RunContents.read(run)
    chosen = _chosen(contents, options.methods)
    labels = tuple(label for label in contents.methods if _base(label) in chosen)
    first = RunModel.open(run, method=labels[0])  # everything of it can be read
    remove_abandoned_copies(folder)
    with whole_folder(folder) as partial:
        partial.mkdir()
        _write_run(contents, partial, chosen)
        _copy_recipes(first.project, partial)
        n_heads = _write_heads(contents, partial, labels, with_records=options.with_records)
        _write_evaluation(run, partial, labels)
        for one in add:
            one(run, partial)
        results = _results(run)
        patients, cases = patients_of_run(run), cases_of_run(run)
        write_card(partial, contents, labels, results, ids=patients | cases)
        refuse_traces(partial, first.project)
        seal_folder(
            partial,
            {
                "made_by": f"mmfeat {mmfeat.__version__}",
                "methods": list(labels),
                "patients": patient_digests(patients) if options.with_patients else None,
            },
            beside=OF_USERS,
        )
        n_bytes = sum(file.stat().st_size for file in partial.rglob("*") if file.is_file())
    targets = tuple(dict.fromkeys(name for one in labels for name in contents.answerers(one)))
    return ExportReport(folder, labels, targets, n_heads, n_bytes, results is not None)


def _check_free(folder: Path, *, overwrite: bool) -> None:
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if overwrite and is_sealed(folder):
        return
    advice = "pass --overwrite to replace it" if is_sealed(folder) else "name another folder"
    raise TrainError(f"{folder}: is there already; {advice}")


def _base(label: str) -> str:
    """Return the method of a name in results, without the record's encoder and the group."""
    return label.partition("~")[0].partition("@")[0]


def _chosen(contents: RunContents, methods: Sequence[str]) -> tuple[str, ...]:
    """Return the methods to export, by their names in the settings."""
    known = tuple(dict.fromkeys(_base(label) for label in contents.methods))
    if not known:
        raise TrainError(f"{contents.folder}: no method has heads in every fold; train again")
    for name in methods:
        if name not in known:
            raise TrainError(
                f"{contents.folder}: has no method `{name}` to export, only {', '.join(known)}"
            )
    return tuple(name for name in known if name in methods) if methods else known[:1]


def _write_run(contents: RunContents, folder: Path, chosen: tuple[str, ...]) -> None:
    """Write run.json with what is needed to find the heads."""
    known = contents.known
    kept = (
        "format",
        "versions",
        "targets",
        "joint",
        "record_encoders",
        "folds",
        "grid",
        "features",
    )
    of_method = {
        target: {label: made for label, made in labels.items() if _base(label) in chosen}
        for target, labels in known.get("chosen", {}).items()
    }
    failures = [
        {**failure, "reason": "failed in training"}
        for failure in known.get("failures", ())
        if _base(failure["method"]) in chosen
    ]
    settings = portable_settings(contents.settings, chosen)
    write_json(
        folder / "run.json",
        {
            "settings": settings.model_dump(mode="json"),
            **{name: known[name] for name in kept if name in known},
            "methods": {name: known["methods"][name] for name in chosen},
            "chosen": of_method,
            "failures": failures,
        },
    )


def _copy_recipes(project: Project, folder: Path) -> None:
    """Copy the recipe files of the user's own networks, which say how these are fed."""
    for name, modality in project.settings.modalities.items():
        if not isinstance(modality, VolumeModality) or modality.recipe_file is None:
            continue
        if is_shipped_name(modality.recipe_file):
            continue
        source = project.path(modality.recipe_file)
        (folder / RECIPES).mkdir(exist_ok=True)
        try:
            shutil.copyfile(source, folder / RECIPES / f"{name}.yaml")
        except OSError as error:
            raise TrainError(
                f"modalities.{name}.recipe_file: {source}: cannot be read ({one_line(error)})"
            ) from error


def _write_heads(
    contents: RunContents, folder: Path, labels: Sequence[str], *, with_records: bool
) -> int:
    """Write what each fold was fitted to, and its heads; return how many heads there are."""
    answerers = {
        (one.task_name, one.method, one.variant.label): one
        for label in labels
        for one in contents.answerers(label).values()
    }
    n_heads = 0
    for fold in range(contents.plan.n_folds):
        source, target = (root / "folds" / str(fold) for root in (contents.folder, folder))
        FittedFeatures.load(source / "features").save(target / "features")
        for one in answerers.values():
            for name in one.places:
                file = Path("outcomes") / f"{name}.json"
                (target / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source / file, target / file)
            _write_encoders(source, target, one, contents, with_records=with_records)
            for key in contents.heads(one, fold):
                _write_head(key.folder(contents.folder), key.folder(folder))
                n_heads += 1
    return n_heads


def _write_encoders(
    source: Path, target: Path, one: Answerer, contents: RunContents, *, with_records: bool
) -> None:
    """Write the record encoders of a task, without the vectors of the cases they were fitted to."""
    project = project_of(contents)
    for modality, name in one.variant.trained.items():
        place = Path("records") / one.task_name / name / modality
        if (target / place).exists():
            continue
        encoder = read_encoder(source / place, encoder_options(project, modality, name))
        if isinstance(encoder.encoder, FittedInContext) and not with_records:
            raise TrainError(
                f"{source / place}: `{name}` keeps the records of the training part, which would "
                "leave with the export (without ids); export another method, or pass "
                "--with-records"
            )
        own = np.zeros((0, encoder.own_vectors.shape[1]), np.float32)
        save_encoder(replace(encoder, own_cases=(), own_vectors=own), target / place, made={})


def _write_head(source: Path, target: Path) -> None:
    """Write a head without what says from which cases it was made."""
    described = {
        name: value
        for name, value in read_description(source).items()
        if name not in ("identity", "made")
    }
    check_whole(source)
    target.mkdir(parents=True, exist_ok=True)
    for name in _OF_HEAD:
        if (source / name).is_file():
            shutil.copyfile(source / name, target / name)
    write_description(target, described)


def _write_evaluation(run: Path, folder: Path, labels: Sequence[str]) -> None:
    for name in _AS_THEY_ARE:
        if (run / name).is_file():
            shutil.copyfile(run / name, folder / name)
    if (run / CALIBRATION_FILE).is_file():
        write_json(folder / CALIBRATION_FILE, calibration_of_methods(run, labels))


def _results(run: Path) -> dict[str, Any] | None:
    path = run / "results.json"
    if not path.is_file():
        return None
    try:
        known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainError(f"{path}: cannot be read ({error}); run `mmfeat eval` again") from error
    return known
