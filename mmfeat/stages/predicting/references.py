"""What new cases are compared with: known answers, base rates, values and vectors seen in training.

Evaluation makes it once, while it has the cohort open, and keeps it in the run folder; nothing of
it is made from new cases. It holds no id and no single patient's vector.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from mmfeat.calibration.feature_distance import FeatureDistance
from mmfeat.errors import TrainError, one_line
from mmfeat.provenance import sha256_of_file, write_json, written_atomically
from mmfeat.stages.predicting.comparisons import Comparison
from mmfeat.tabular.known_values import KnownValues
from mmfeat.tensor_writing import save_arrays

REFERENCES_FILE = "references.json"
ARRAYS_FILE = "references.safetensors"
REFERENCES_FILES = (REFERENCES_FILE, ARRAYS_FILE)
_FORMAT = 1

ViewKey = tuple[str, str, str]
"""Target, method and availability."""


@dataclass(frozen=True)
class References:
    """Hold what new cases of a run are compared with."""

    base_rates: Mapping[tuple[str, str], NDArray[np.float64]]
    """For each target and method ``(outputs,)``; NaN where nothing is known."""
    known: Mapping[str, Mapping[str, KnownValues]]
    """For each table modality, what its columns held in training."""
    encoders: Mapping[str, Mapping[str, Any]]
    """For each modality of scans, everything that a feature depends on but its scan."""
    n_cases: int
    """Cases that were trained on, which ``known`` and the distances are of."""
    views: Mapping[ViewKey, Mapping[str, Any]]
    """What there is to compare answers with, without the arrays."""
    distance_names: tuple[str, ...]
    """The modalities of vectors whose distance can be told."""
    arrays: Mapping[str, NDArray[Any]]

    @classmethod
    def of(
        cls,
        *,
        base_rates: Mapping[tuple[str, str], NDArray[np.float64]],
        known: Mapping[str, Mapping[str, KnownValues]],
        encoders: Mapping[str, Mapping[str, Any]],
        n_cases: int,
        comparisons: Mapping[ViewKey, Comparison],
        distances: Mapping[str, FeatureDistance],
    ) -> "References":
        """Put everything together."""
        arrays: dict[str, NDArray[Any]] = {}
        views = {}
        for number, (key, comparison) in enumerate(comparisons.items()):
            views[key] = {"number": number, **comparison.to_json()}
            for place, of_part in enumerate(comparison.to_arrays()):
                arrays |= {f"{number}.{place}.{name}": one for name, one in of_part.items()}
        for modality, distance in distances.items():
            of_modality = distance.to_arrays().items()
            arrays |= {f"distance.{modality}.{name}": one for name, one in of_modality}
        return cls(base_rates, known, encoders, n_cases, views, tuple(distances), arrays)

    def comparison(self, target: str, method: str, availability: str) -> Comparison | None:
        """Return what answers of a view are compared with; None where there is nothing."""
        known = self.views.get((target, method, availability))
        if known is None:
            return None
        n_parts = 1 if known["parts"] == "number" else len(known["parts"])
        number = known["number"]
        parts = [self._arrays_of(f"{number}.{place}.") for place in range(n_parts)]
        return Comparison.from_arrays(known, parts)

    @cached_property
    def distances(self) -> dict[str, FeatureDistance]:
        """Return how far is usual, for each modality of vectors."""
        return {
            name: FeatureDistance.from_arrays(self._arrays_of(f"distance.{name}."))
            for name in self.distance_names
        }

    def _arrays_of(self, beginning: str) -> dict[str, NDArray[Any]]:
        return {
            name.removeprefix(beginning): values
            for name, values in self.arrays.items()
            if name.startswith(beginning)
        }

    def save(self, folder: Path) -> None:
        """Write two files; the JSON comes last and vouches for the other."""
        with written_atomically(folder / ARRAYS_FILE) as partial:
            save_arrays(self.arrays, partial)
        state = {
            "format": _FORMAT,
            "n_cases": self.n_cases,
            "base_rates": [
                {"target": target, "method": method, "outputs": _plain(values)}
                for (target, method), values in self.base_rates.items()
            ],
            "known": {
                modality: {name: one.to_json() for name, one in columns.items()}
                for modality, columns in self.known.items()
            },
            "encoders": dict(self.encoders),
            "views": [
                {"target": target, "method": method, "availability": availability, **known}
                for (target, method, availability), known in self.views.items()
            ],
            "distances": list(self.distance_names),
            "arrays_sha256": sha256_of_file(folder / ARRAYS_FILE),
        }
        write_json(folder / REFERENCES_FILE, state)

    @classmethod
    def load(cls, folder: Path) -> "References":
        """Read what ``save`` wrote.

        Raises:
            TrainError: A file is missing, torn, or of another format.
        """
        file = folder / REFERENCES_FILE
        if not file.is_file():
            raise TrainError(
                f"{folder}: has no {REFERENCES_FILE}, which new cases are compared with; run "
                "`mmfeat eval` first"
            )
        try:
            state = json.loads(file.read_text(encoding="utf-8"))
            if state["format"] != _FORMAT:
                raise TrainError(
                    f"{file}: of format {state['format']}, this version reads {_FORMAT}; run "
                    "`mmfeat eval` again"
                )
            if state["arrays_sha256"] != sha256_of_file(folder / ARRAYS_FILE):
                raise TrainError(
                    f"{folder / ARRAYS_FILE}: is not the one that {REFERENCES_FILE} was written "
                    "with; run `mmfeat eval` again"
                )
            return cls(
                {(one["target"], one["method"]): _array(one) for one in state["base_rates"]},
                {
                    modality: {name: KnownValues.from_json(one) for name, one in columns.items()}
                    for modality, columns in state["known"].items()
                },
                state["encoders"],
                state["n_cases"],
                {
                    (one["target"], one["method"], one["availability"]): one
                    for one in state["views"]
                },
                tuple(state["distances"]),
                load_file(folder / ARRAYS_FILE),
            )
        except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
            raise TrainError(
                f"{file}: cannot be read ({one_line(error)}); run `mmfeat eval` again"
            ) from error


def _plain(values: NDArray[np.float64]) -> list[float | None]:
    return [None if np.isnan(value) else value for value in values.tolist()]


def _array(known: Mapping[str, Any]) -> NDArray[np.float64]:
    return np.array([np.nan if one is None else one for one in known["outputs"]], np.float64)
