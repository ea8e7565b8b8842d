"""What the numbers of a fitted record encoder come from."""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.provenance import library_versions, sha256_of_file
from mmfeat.record_encoders import get_record_encoder
from mmfeat.record_encoders.contract import RecordFitOptions, RecordTask
from mmfeat.tabular.column_inputs import ColumnInputs

_NUMBERS_DEPEND_ON = ("mmfeat", "torch", "numpy")


def encoder_identity(
    name: str,
    inputs: ColumnInputs,
    task: RecordTask,
    *,
    place: Mapping[str, Any],
    options: RecordFitOptions,
) -> dict[str, Any]:
    """Return everything that a fitted encoder's numbers come from.

    Args:
        name: The encoder.
        inputs: The inputs of all cases, of which only the task's rows count.
        task: What it is fitted to.
        place: Names that say where it belongs, and digests of the split and of the columns.
        options: How it is fitted.
    """
    learnt = inputs.taken(np.union1d(task.train, task.val))
    labels = task.labels[np.union1d(task.train, task.val)]
    versions = library_versions()
    return {
        "encoder": name,
        **place,
        "records": _digest(learnt.numbers, learnt.categories),
        "labels": _digest(labels),
        "seed": options.seed,
        "most_epochs": options.most_epochs,
        "weights": _digest_of_weights(options.weights),
        "versions": {name: versions[name].split("+")[0] for name in _NUMBERS_DEPEND_ON}
        | {package: version(package) for package in get_record_encoder(name).packages},
    }


def _digest(*arrays: NDArray[Any]) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype} {array.shape} ".encode() + array.tobytes())
    return digest.hexdigest()


def _digest_of_weights(path: Path | None) -> str | None:
    if path is None:
        return None
    stat = path.stat()
    return _digest_of_file(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=8)
def _digest_of_file(path: Path, mtime_ns: int, n_bytes: int) -> str:  # noqa: ARG001 - of the cache
    return sha256_of_file(path)
