"""List the weights that are on this machine."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mmfeat import encoders
from mmfeat.encoders.weights.found_weights import FoundWeights, recorded_weights
from mmfeat.weights_store.folder import WeightsStore
from mmfeat.weights_store.record import WeightsRecord


@dataclass(frozen=True)
class WeightsHere:
    """Hold what is here."""

    folder: Path
    """The folder of weights."""
    found: dict[str, FoundWeights]
    """By encoder."""
    unfinished: list[Path]
    """Files in that folder that are not whole."""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "folder": str(self.folder),
            "encoders": {name: found_as_json(one) for name, one in self.found.items()},
            "unfinished": [str(path) for path in self.unfinished],
        }


def weights_here() -> WeightsHere:
    """Look for the weights of every encoder; no file is read.

    Raises:
        EncoderError: What is remembered of one is damaged.
    """
    store = WeightsStore()
    found = {name: encoders.weights_on_this_machine(name) for name in encoders.ENCODERS}
    for name in store.encoders():  # those of other packages, which need not be imported for this
        found.setdefault(name, recorded_weights(name))
    here = {name: one for name, one in found.items() if one is not None}
    return WeightsHere(store.root, here, store.unfinished())


def found_as_json(found: FoundWeights) -> dict[str, Any]:
    """Return what is known of found weights as JSON values."""
    record = found.record
    return {
        "kept_in": found.kept_in,
        "file": None if found.file is None else str(found.file),
        "n_bytes": found.n_bytes,
        "sha256": found.sha256,
        "record": None if record is None else record_as_json(record),
    }


def record_as_json(record: WeightsRecord) -> dict[str, Any]:
    """Return a record as JSON values, with the whole path of its file."""
    return asdict(record) | {"file": str(record.file)}
