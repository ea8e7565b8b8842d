"""The three files of a saved head: what it is, its numbers, and how its training went.

``head.json`` has the digests of the others and of itself, so that damage is never read as a head.
"""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from mmfeat.errors import TrainError
from mmfeat.fusion.unseen import UnseenAnswers
from mmfeat.provenance import fingerprint, sha256_of_file, write_json, written_atomically
from mmfeat.tensor_writing import save_arrays

_FORMAT = 1
_HEAD = "head.json"
_DIGESTS = "sha256"

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
    with written_atomically(folder / "model.safetensors") as partial:
        save_arrays(arrays, partial)
    if history:
        with written_atomically(folder / "history.csv") as partial:
            pd.DataFrame(history).to_csv(partial, index=False)
    if unseen is not None:
        unseen.save(folder)
    known = None if validation is None or not math.isfinite(validation) else validation
    write_description(
        folder, {"format": _FORMAT, "method": method, "validation": known, **description}
    )


def write_description(folder: Path, description: Mapping[str, Any]) -> None:
    """Write ``head.json`` with the digests of itself and of the tensors that are there by now."""
    plain = json.loads(json.dumps(description, allow_nan=False))
    digests = {file.name: sha256_of_file(file) for file in sorted(folder.glob("*.safetensors"))}
    digests[_HEAD] = fingerprint(plain)
    write_json(folder / _HEAD, {**plain, _DIGESTS: digests})


def check_whole(folder: Path) -> None:
    """Compare every file of a head with its digest; the first heads have none.

    Raises:
        TrainError: A file is missing or damaged.
    """
    for name, sha256 in _read_digests(folder).items():
        path = folder / name
        try:
            found = sha256 if name == _HEAD else sha256_of_file(path)
        except OSError as error:
            raise TrainError(
                f"{path}: cannot be read ({error}); train again with --overwrite"
            ) from error
        if found != sha256:
            raise _damaged(path)


def read_description(folder: Path) -> dict[str, Any]:
    """Read ``head.json``, but for its digests.

    Raises:
        TrainError: It is missing, torn, damaged, or of another version of the format.
    """
    description = _read_json(folder)
    del description[_DIGESTS]
    return description


def _read_digests(folder: Path) -> dict[str, str]:
    digests: dict[str, str] = _read_json(folder)[_DIGESTS]
    return digests


def _read_json(folder: Path) -> dict[str, Any]:
    """Read ``head.json`` with its digests, none where it has none, after comparing its own."""
    path = folder / _HEAD
    try:
        description = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise TrainError(
            f"{path}: not a saved head ({error}); train again with --overwrite"
        ) from error
    if not isinstance(description, dict) or description.get("format") != _FORMAT:
        raise TrainError(f"{path}: not a head of format {_FORMAT}; train again with --overwrite")
    digests = description.pop(_DIGESTS, {})
    if not isinstance(digests, dict) or digests.get(_HEAD) not in (None, fingerprint(description)):
        raise _damaged(path)
    return {**description, _DIGESTS: digests}


def _damaged(path: Path) -> TrainError:
    return TrainError(
        f"{path}: damaged (not what was written when it was trained); train again with --overwrite"
    )


def read_arrays(folder: Path) -> dict[str, NDArray[Any]]:
    """Read ``model.safetensors``.

    Raises:
        TrainError: It, or another file of the head, is missing or damaged.
    """
    check_whole(folder)
    path = folder / "model.safetensors"
    try:
        return dict(load_file(path))
    except (OSError, SafetensorError) as error:
        raise TrainError(
            f"{path}: cannot be read ({error}); train again with --overwrite"
        ) from error
