"""One record encoder of one fold, target and modality: fitted once, kept, and never used stale."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from mmfeat.errors import TrainError, one_line
from mmfeat.provenance import fingerprint, sha256_of_file, write_json
from mmfeat.record_encoders import get_record_encoder
from mmfeat.record_encoders.contract import FittedRecordEncoder, RecordFitOptions, RecordTask
from mmfeat.stages.training.heads import changed_fields
from mmfeat.stages.training.whole_folder import whole_folder
from mmfeat.tabular.column_inputs import ColumnInputs
from mmfeat.tabular.vector_scaling import VectorScaling
from mmfeat.tensor_writing import save_arrays

_STATE = "target_encoder.json"
_VECTORS = "vectors.safetensors"


@dataclass(frozen=True, eq=False)
class TargetEncoder:
    """Turn records into standardised vectors.

    Shape:
        - ``own_vectors``: ``(own cases, width)``, what heads of this target are trained on instead
          of what ``transform`` gives; see ``EncodedRecords``.
    """

    encoder: FittedRecordEncoder
    scaling: VectorScaling
    """Fitted to the training part's own vectors."""
    own_cases: tuple[str, ...]
    own_vectors: NDArray[np.float32]
    identity: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """Digest of what it was made from, whatever the versions of the libraries."""
        return fingerprint({**self.identity, "versions": {}})

    def transform(self, inputs: ColumnInputs) -> NDArray[np.float32]:
        """Return ``(cases, width)``, zeros where there is no record."""
        scaled = self.scaling.scale(self.encoder.embed(inputs))
        scaled[~inputs.present] = 0.0
        return scaled

    def transform_own(self, inputs: ColumnInputs, case_ids: tuple[str, ...]) -> NDArray[np.float32]:
        """Return the same, with the vectors that heads are trained on in the places of their cases.

        Args:
            inputs: The inputs of all cases.
            case_ids: Their ids.
        """
        scaled = self.transform(inputs)
        places = {case_id: row for row, case_id in enumerate(case_ids)}
        rows = [places[case_id] for case_id in self.own_cases]
        scaled[rows] = self.scaling.scale(self.own_vectors)
        return scaled


def fit_encoder(
    folder: Path,
    inputs: ColumnInputs,
    task: RecordTask,
    *,
    identity: Mapping[str, Any],
    case_ids: tuple[str, ...],
    options: RecordFitOptions,
    should_stop: Callable[[], bool],
    put_by_others: Callable[[], TargetEncoder | None],
) -> TargetEncoder:
    """Fit an encoder and put it into its folder, replacing what is there.

    Two shards of a training may want the same encoder at the same time: what the other has put in
    place by the end of the fit is taken, and ours dropped, so that all heads stand on one.

    Args:
        folder: Where it goes.
        inputs: The inputs of all cases.
        task: What it is fitted to.
        identity: Everything that its numbers come from.
        case_ids: Of all cases.
        options: How it is fitted.
        should_stop: Asked within the fit.
        put_by_others: Reads the very encoder where another process has put it meanwhile.

    Raises:
        RecordError: The records cannot be learnt from.
        Interrupted: ``should_stop`` said so.
    """
    started = time.perf_counter()
    encoded = get_record_encoder(identity["encoder"]).fit(
        inputs, task, options=options, should_stop=should_stop
    )
    if (theirs := put_by_others()) is not None:
        return theirs
    fitted = TargetEncoder(
        encoder=encoded.encoder,
        scaling=VectorScaling.fit(encoded.vectors[np.isin(encoded.rows, task.train)]),
        own_cases=tuple(case_ids[row] for row in encoded.rows),
        own_vectors=encoded.vectors,
        identity=identity,
    )
    made = {"device": options.device, "seconds": time.perf_counter() - started}
    with whole_folder(folder) as partial:
        save_encoder(fitted, partial, made)
    return fitted


def load_encoder(
    folder: Path,
    identity: Mapping[str, Any],
    options: RecordFitOptions,
    *,
    of_any_version: bool = False,
) -> TargetEncoder | None:
    """Read a fitted encoder; None where there is none.

    Args:
        folder: Where it would be.
        identity: What it should have been made from.
        options: How it is fitted.
        of_any_version: Take one that other versions of the libraries made.

    Raises:
        TrainError: It was made from something else, or was changed since; the message says what
            differs.
        RecordError: It is torn.
    """
    if not folder.exists():
        return None
    found = read_encoder(folder, options)
    known = dict(found.identity)
    if of_any_version:
        known["versions"] = identity["versions"]
    if differing := changed_fields(known, identity):
        raise TrainError(
            f"{folder}: made from something else: {'; '.join(differing)}; give another "
            "`train.run`, or pass --overwrite to train again"
        )
    return replace(found, identity=identity)


def read_encoder(folder: Path, options: RecordFitOptions) -> TargetEncoder:
    """Read a fitted encoder, whatever it was made from.

    Args:
        folder: Where it is.
        options: How it is fitted.

    Raises:
        TrainError: It is not there, torn, or was changed since.
        RecordError: A file of it is torn.
    """
    try:
        state = json.loads((folder / _STATE).read_text())
        identity, files = dict(state["identity"]), state["files"]
        changed = [name for name, sha in files.items() if sha256_of_file(folder / name) != sha]
        arrays = load_file(folder / _VECTORS)
        own_cases = tuple(state["own_cases"])
        name = identity["encoder"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, SafetensorError) as error:
        raise TrainError(
            f"{folder}: not a whole record encoder ({one_line(error)}); train again with "
            "--overwrite"
        ) from error
    if changed:
        raise TrainError(
            f"{folder}: {', '.join(changed)} changed after training; train again with --overwrite"
        )
    return TargetEncoder(
        encoder=get_record_encoder(name).load(folder, options),
        scaling=VectorScaling(arrays["mean"], arrays["sd"]),
        own_cases=own_cases,
        own_vectors=arrays["vectors"],
        identity=identity,
    )


def save_encoder(fitted: TargetEncoder, folder: Path, made: Mapping[str, Any]) -> None:
    """Write an encoder into a folder that is not there yet.

    Args:
        fitted: The encoder.
        folder: Where to.
        made: How it was made, for people.
    """
    folder.mkdir(parents=True)
    fitted.encoder.save(folder)
    arrays: dict[str, NDArray[Any]] = {
        "mean": fitted.scaling.mean,
        "sd": fitted.scaling.sd,
        "vectors": fitted.own_vectors,
    }
    save_arrays(arrays, folder / _VECTORS)
    state = {
        "identity": fitted.identity,
        "own_cases": list(fitted.own_cases),
        "files": {file.name: sha256_of_file(file) for file in sorted(folder.iterdir())},
        "made": made,
    }
    write_json(folder / _STATE, state)
