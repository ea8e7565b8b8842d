"""A fitted classifier on disk: JSON and safetensors, every file with its digest."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import mmfeat
from mmfeat.errors import TrainError, one_line
from mmfeat.estimators.blocks import Block, RecordBlock, VectorBlock
from mmfeat.estimators.fitted_fold import FittedFold
from mmfeat.feature_table import FittedFeatures
from mmfeat.fusion import load_head
from mmfeat.fusion.head_files import read_description, write_description
from mmfeat.provenance import write_json
from mmfeat.stages.predicting.sealed_folder import SEAL, is_sealed, open_sealed, seal_folder
from mmfeat.stages.training.whole_folder import whole_folder

if TYPE_CHECKING:
    from mmfeat.estimators.classifier import MultimodalClassifier

_STATE = "classifier.json"
_KIND = "classifier"
_CLASSES = {"b": bool, "i": int, "u": int, "f": float}
"""By the kind of numpy's type, what classes are in JSON; all others are texts."""


def save_classifier(model: "MultimodalClassifier", folder: Path, *, overwrite: bool) -> None:
    """Write a fitted classifier; see `MultimodalClassifier.save`."""
    if folder.exists() and any(folder.iterdir()) and not (overwrite and is_sealed(folder)):
        advice = "pass overwrite=True" if is_sealed(folder) else "name another folder"
        raise TrainError(f"{folder}: is there already; {advice}")
    kind = model.classes_.dtype.kind
    plain = _CLASSES.get(kind, str)
    names = getattr(model, "feature_names_in_", None)
    state = {
        "parameters": _parameters(model),
        "classes": [plain(one) for one in model.classes_],
        "classes_type": kind if kind in _CLASSES else "O",
        "described": {name: _block_json(one) for name, one in model.blocks_.items()},
        "n_features_in": getattr(model, "n_features_in_", None),
        "feature_names_in": None if names is None else [str(name) for name in names],
        "heads": [len(fold.heads) for fold in model.folds_],
    }
    with whole_folder(folder) as partial:
        partial.mkdir()
        for number, fold in enumerate(model.folds_):
            fold.features.save(partial / "folds" / str(number) / "features")
            for seed, head in enumerate(fold.heads):
                head.save(_head_folder(partial, number, seed))
        for kept in partial.rglob("unseen.safetensors"):  # answers of rows that were learnt from
            kept.unlink()
            write_description(kept.parent, read_description(kept.parent))
        write_json(partial / _STATE, state)
        seal_folder(partial, {"kind": _KIND, "made_by": f"mmfeat {mmfeat.__version__}"})


def restore_classifier(model: "MultimodalClassifier", folder: Path) -> None:
    """Read a fitted classifier into one that is new; see `MultimodalClassifier.load`."""
    if not is_sealed(folder):
        raise TrainError(f"{folder}: no saved classifier; it has no {SEAL}")
    if open_sealed(folder).get("kind") != _KIND:
        raise TrainError(f"{folder}: an exported run, no classifier; open it with mmfeat.load_run")
    path = folder / _STATE
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
        parameters = state["parameters"]
        model.set_params(**{**parameters, "records": tuple(parameters["records"])})
        type_of_classes = _CLASSES.get(state["classes_type"], object)
        model.classes_ = np.array(state["classes"], dtype=type_of_classes)
        model.blocks_ = {name: _block(one) for name, one in state["described"].items()}
        if state["n_features_in"] is not None:
            model.n_features_in_ = int(state["n_features_in"])
        if state["feature_names_in"] is not None:
            model.feature_names_in_ = np.array(state["feature_names_in"], dtype=object)
        n_heads = [int(number) for number in state["heads"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainError(f"{path}: cannot be read ({one_line(error)})") from error
    model.modalities_ = tuple(model.blocks_)
    model.folds_ = [
        FittedFold(
            FittedFeatures.load(folder / "folds" / str(number) / "features"),
            tuple(load_head(_head_folder(folder, number, seed)) for seed in range(n_seeds)),
        )
        for number, n_seeds in enumerate(n_heads)
    ]


def _head_folder(folder: Path, number: int, seed: int) -> Path:
    return folder / "heads" / f"fold{number}-seed{seed}"


def _parameters(model: "MultimodalClassifier") -> dict[str, Any]:
    """Return the arguments as JSON can hold them; of a generator of numbers nothing is kept."""
    known: dict[str, Any] = dict(model.get_params(deep=False))
    if known["modalities"] is not None:
        known["modalities"] = {
            str(name): _columns(columns, model.blocks_[str(name)])
            for name, columns in known["modalities"].items()
        }
    known["records"] = list(known["records"])
    if not isinstance(known["random_state"], int):
        known["random_state"] = None
    return known


def _columns(columns: Any, block: Block) -> list[Any]:  # noqa: ANN401 - as the user gave them
    if isinstance(columns, slice):
        n_columns = block.width if isinstance(block, VectorBlock) else len(block.kinds)
        start = columns.start or 0
        if start < 0 or (columns.step or 1) < 0:
            raise TrainError("modalities: a slice from the end cannot be saved; give numbers")
        step = columns.step or 1
        return list(range(start, start + n_columns * step, step))
    return [one if isinstance(one, str) else int(one) for one in columns]


def _block_json(block: Block) -> dict[str, Any]:
    return (
        {"kinds": dict(block.kinds)} if isinstance(block, RecordBlock) else {"width": block.width}
    )


def _block(known: Mapping[str, Any]) -> Block:
    return RecordBlock(dict(known["kinds"])) if "kinds" in known else VectorBlock(known["width"])
