"""Heads in the middle of their training, on disk: where an interrupted stack goes on."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from mmfeat.errors import TrainError
from mmfeat.fusion.network_jobs import NetworkJob
from mmfeat.fusion.stacked.course import Course
from mmfeat.provenance import written_atomically

_KEY = "mmfeat"


@dataclass(frozen=True)
class SavedHeads:
    """Keep one file for each head that is not finished: its tensors, and JSON beside them."""

    folder: Path

    def save(self, job: NetworkJob, course: Course, tensors: dict[str, Tensor]) -> None:
        """Write a head's state after an epoch, replacing the one of an earlier epoch."""
        self.folder.mkdir(parents=True, exist_ok=True)
        known = {"job": identity_of(job), "course": _to_json(course)}
        with written_atomically(self._file(job)) as partial:
            save_file(
                {name: values.contiguous() for name, values in tensors.items()},
                partial,
                metadata={_KEY: json.dumps(known)},
            )

    def load(self, job: NetworkJob) -> tuple[Course, dict[str, Tensor]] | None:
        """Read the state of a head, or None where there is none.

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
        return Course(job.loop, job.start_competes, **known["course"]), tensors

    def remove(self, job: NetworkJob) -> None:
        """Forget a head that is finished."""
        self._file(job).unlink(missing_ok=True)

    def _file(self, job: NetworkJob) -> Path:
        # Names may hold what a file's name may not.
        return self.folder / f"{hashlib.sha256(job.name.encode()).hexdigest()[:16]}.safetensors"


def identity_of(job: NetworkJob) -> dict[str, str]:
    """Return what decides a job's numbers, but its features and labels, as short texts."""
    rows = [job.train, job.val, job.views, *([] if job.val_views is None else [job.val_views])]
    terms = {
        name: _digest(values) for name, values in vars(job.terms).items() if values is not None
    }
    return {
        "name": job.name,
        "architecture": repr(job.architecture),
        "seed": str(job.seed),
        "rows or views": _digest(*rows),
        "loop": repr(job.loop),
        "dropout": repr(job.dropout),
        "score": f"{job.score} {job.start_competes} {job.contrast}",
        "hiding": f"{job.draws_views} {job.hides_cells}",
        "terms": repr(terms),
        "rules": repr(job.rules),
    }


def _digest(*arrays: NDArray[np.generic]) -> str:
    digest = hashlib.sha256()
    for values in arrays:
        digest.update(f"{values.dtype} {values.shape}\n".encode() + values.tobytes())
    return digest.hexdigest()[:16]


def _to_json(course: Course) -> dict[str, Any]:
    return {
        name: value
        for name, value in asdict(course).items()
        if name not in ("loop", "start_competes")
    }
