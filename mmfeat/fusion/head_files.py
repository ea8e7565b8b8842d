"""The three files of a saved head: what it is, its numbers, and how its training went."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from mmfeat.errors import TrainError
from mmfeat.fusion.unseen import UnseenAnswers
from mmfeat.provenance import write_json, written_atomically

_FORMAT = 1

History = Sequence[Mapping[str, float | int | str]]
"""One record for each epoch."""


def write_head(
    folder: Path,
    *,
    method: str,
    description: Mapping[str, Any],
    arrays: Mapping[str, NDArray[Any]],
    history: History = (),
    validation: float | None = None,
    unseen: UnseenAnswers | None = None,
) -> None:
    """Write a head into a folder; plain JSON, safetensors and CSV, nothing pickled."""
    folder.mkdir(parents=True, exist_ok=True)
    known = None if validation is None or not math.isfinite(validation) else validation
    write_json(
        folder / "head.json",
        {"format": _FORMAT, "method": method, "validation": known, **description},
    )
    with written_atomically(folder / "model.safetensors") as partial:
        save_file({name: np.ascontiguousarray(values) for name, values in arrays.items()}, partial)
    if history:
        with written_atomically(folder / "history.csv") as partial:
            pd.DataFrame(history).to_csv(partial, index=False)
    if unseen is not None:
        unseen.save(folder)


def read_description(folder: Path) -> dict[str, Any]:
    """Read ``head.json``.

    Raises:
        TrainError: It is missing, torn, or of another version of the format.
    """
    path = folder / "head.json"
    try:
        description = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise TrainError(
            f"{path}: not a saved head ({error}); train again with --overwrite"
        ) from error
    if not isinstance(description, dict) or description.get("format") != _FORMAT:
        raise TrainError(f"{path}: not a head of format {_FORMAT}; train again with --overwrite")
    return description


def read_arrays(folder: Path) -> dict[str, NDArray[Any]]:
    """Read ``model.safetensors``.

    Raises:
        TrainError: It is missing or torn.
    """
    path = folder / "model.safetensors"
    try:
        return dict(load_file(path))
    except (OSError, SafetensorError) as error:
        raise TrainError(
            f"{path}: cannot be read ({error}); train again with --overwrite"
        ) from error
