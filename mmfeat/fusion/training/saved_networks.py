"""Networks in the middle of their training, on disk: where an interrupted head goes on."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from torch import Tensor

from mmfeat.errors import TrainError
from mmfeat.fusion.fold_data import FoldData
from mmfeat.fusion.training.epochs import Epochs
from mmfeat.fusion.training.network_jobs import NetworkJob
from mmfeat.provenance import written_atomically
from mmfeat.tabular.stored_vectors import blocks_of
from mmfeat.tensor_writing import save_tensors

_KEY = "mmfeat"
BETWEEN_SAVES_S = 60.0
"""A network that is trained for longer than this is saved as often."""


@dataclass(frozen=True)
class SavedNetworks:
    """Keep one file for each network: its tensors, and JSON beside them.

    Finished networks stay until their head is finished too, which may need several. Networks alone
    and in stacks draw other random numbers, so neither goes on from the other's state.
    """

    folder: Path
    way: Literal["alone", "stacked"]

    def save(self, job: NetworkJob, epochs: Epochs, tensors: Mapping[str, Tensor]) -> None:
        """Write a network's state after an epoch, replacing the one of an earlier epoch."""
        self.folder.mkdir(parents=True, exist_ok=True)
        known = {"job": identity_of(job), "epochs": _to_json(epochs)}
        with written_atomically(self._file(job)) as partial:
            save_tensors(tensors, partial, metadata={_KEY: json.dumps(known)})

    def load(self, job: NetworkJob) -> tuple[Epochs, dict[str, Tensor]] | None:
        """Read the state of a network, or None where there is none.

        Raises:
            TrainError: The file cannot be read, or was made for something else.
        """
        path = self._file(job)
        if not path.exists():
            return None
        try:
            with safe_open(path, framework="pt") as opened:
                known = json.loads((opened.metadata() or {})[_KEY])
                tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
        except (OSError, SafetensorError, KeyError, ValueError) as error:
            raise TrainError(f"{path}: not the state of a head ({error}); remove it") from error
        wanted = identity_of(job)
        differing = [name for name in wanted if known["job"].get(name) != wanted[name]]
        if differing:
            raise TrainError(
                f"{path}: the state of `{job.name}` was made with another "
                f"{', '.join(differing)}; remove it to train from the start"
            )
        return Epochs(job.loop, job.start_competes, **known["epochs"]), tensors

    def _file(self, job: NetworkJob) -> Path:
        return self.folder / f"{_stem(job.name)}.{self.way}.safetensors"


def forget(folder: Path, job: NetworkJob) -> None:
    """Remove what is kept of a network, whichever way it was trained."""
    for way in ("alone", "stacked"):
        (folder / f"{_stem(job.name)}.{way}.safetensors").unlink(missing_ok=True)


def _stem(name: str) -> str:
    # Names may hold what a file's name may not.
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def identity_of(job: NetworkJob) -> dict[str, str]:
    """Return what decides a network's numbers, as short texts."""
    rows = [job.train, job.val, job.views, job.scored_views]
    terms = {
        name: _digest(values) if isinstance(values, np.ndarray) else repr(values)
        for name, values in vars(job.terms).items()
        if values is not None
    }
    return {
        "name": job.name,
        "architecture": repr(job.architecture),
        "seed": str(job.seed),
        "data": digest_of_data(job.data),
        "rows or views": _digest(*rows),
        "loop": repr(job.loop),
        "dropout": repr(job.dropout),
        "score": f"{job.score} {job.start_competes} {job.contrast}",
        "hiding": f"{job.draws_views} {job.hides_cells} {job.reads_sets}",
        "terms": repr(terms),
        "rules": repr(job.rules),
    }


@lru_cache(maxsize=8)
def digest_of_data(data: FoldData) -> str:
    """Return a short digest of everything that networks can learn from."""
    rows = np.union1d(data.train, data.val)
    digest = hashlib.sha256(f"{data.task} {data.widths}".encode())
    arrays = [data.present[rows], np.nan_to_num(data.labels[rows], nan=-1.0)]
    for dropout in data.cell_dropout.values():
        arrays += [dropout.column_of, dropout.when_unknown, np.array(dropout.largest_share)]
    for scans in data.sets.values():
        arrays += [scans.vectors, scans.offsets]
    for values in arrays:
        digest.update(np.ascontiguousarray(values).data)
    for features in data.features.values():
        for block in blocks_of(len(rows)):
            digest.update(np.ascontiguousarray(features[rows[block]]).data)
    return digest.hexdigest()[:16]


def _digest(*arrays: NDArray[np.generic]) -> str:
    digest = hashlib.sha256()
    for values in arrays:
        digest.update(f"{values.dtype} {values.shape}\n".encode() + values.tobytes())
    return digest.hexdigest()[:16]


def _to_json(epochs: Epochs) -> dict[str, Any]:
    return {
        name: value
        for name, value in asdict(epochs).items()
        if name not in ("loop", "start_competes")
    }
