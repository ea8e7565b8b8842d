"""The features of all cases, joined; and what a fold's training part teaches about their scales."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from mmfeat.errors import TrainError, one_line
from mmfeat.provenance import canonical_json, write_json, written_atomically
from mmfeat.tabular.encoder import RecordEncoder
from mmfeat.tabular.npz import read_npz
from mmfeat.tabular.records import RecordTable, row_numbers
from mmfeat.tabular.scaling import ScalingName
from mmfeat.tabular.scan_set import ScanSet
from mmfeat.tabular.stored_vectors import StoredVectors, Vectors, blocks_of
from mmfeat.tabular.vector_scaling import VectorScaling
from mmfeat.tensor_writing import save_arrays

_STATE = "features.json"
_VECTORS = "vectors.safetensors"
_SETS = "sets.safetensors"
_EARLIER = ".npz"
"""Ending of the same files in runs of earlier versions, which are still read."""


@dataclass(frozen=True)
class FeatureTable:
    """Hold what is known of each case in each modality; each modality has vectors or records.

    Shape:
        - ``vectors``: for each modality of vectors ``(cases, width)``, float32, zeros where absent;
          in memory, or in files.
        - ``present``: ``(cases, modalities)``, True where the case has the modality.
    """

    case_ids: tuple[str, ...]
    patient_ids: tuple[str, ...]
    modalities: tuple[str, ...]
    """All modalities, in the order of the settings."""
    vectors: Mapping[str, NDArray[np.float32] | StoredVectors]
    records: dict[str, RecordTable]
    present: NDArray[np.bool_]
    fingerprints: dict[str, str] = field(default_factory=dict)
    """Digest of what each modality's features were made from."""
    notes: tuple[str, ...] = ()
    """What the user should know of how the features were joined, a sentence each."""
    sets: dict[str, ScanSet] = field(default_factory=dict)
    """For modalities whose scans are kept as a set, all of them, or all their tokens; ``vectors``
    has one for each case."""

    def __post_init__(self) -> None:
        """Check that all parts are about the same cases, and that vectors are finite."""
        n_cases = len(self.case_ids)
        if len(set(self.case_ids)) < n_cases or len(self.patient_ids) != n_cases:
            raise ValueError(f"{n_cases} cases need an own id and a patient each")
        if sorted([*self.vectors, *self.records]) != sorted(self.modalities):
            raise ValueError(f"each of {self.modalities} needs either vectors or records")
        if self.present.shape != (n_cases, len(self.modalities)) or self.present.dtype != bool:
            wanted = (n_cases, len(self.modalities))
            found = f"{self.present.dtype} {self.present.shape}"
            raise ValueError(f"present must be bool {wanted}, got {found}")
        for name, vectors in self.vectors.items():
            if len(vectors.shape) != 2 or len(vectors) != n_cases or vectors.dtype != np.float32:
                found = f"{vectors.dtype} {vectors.shape}"
                raise ValueError(
                    f"vectors of {name} must be float32 {n_cases} x width, got {found}"
                )
            if isinstance(vectors, StoredVectors):  # finite: whoever found the files has read them
                sound = not bool((vectors.counts > 0)[~self.has(name)].any())
            else:
                sound = bool(np.isfinite(vectors).all() and not vectors[~self.has(name)].any())
            if not sound:
                raise ValueError(f"vectors of {name} must be finite, and zero where absent")
        for name, records in self.records.items():
            if len(records) != n_cases or (records.present != self.has(name)).any():
                raise ValueError(f"records of {name} must be of {n_cases} cases, present as said")
        self._check_sets()

    def _check_sets(self) -> None:
        for name, scans in self.sets.items():
            if name not in self.vectors:
                raise ValueError(f"{name} has a set and no vectors")
            wide = scans.vectors.shape[1] == self.vectors[name].shape[1]
            if scans.scan_numbers is None and not wide:
                raise ValueError(f"the set of {name} must be of the width of its vectors")
            if not np.array_equal(scans.counts > 0, self.has(name)):
                raise ValueError(f"the set of {name} must be of {len(self)} cases, present as said")

    def __len__(self) -> int:
        """Return the number of cases."""
        return len(self.case_ids)

    def has(self, modality: str) -> NDArray[np.bool_]:
        """Say which cases have a modality: ``(cases,)``."""
        return self.present[:, self.modalities.index(modality)]

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Say which cases have anything at all, and can be trained on or tested: ``(cases,)``."""
        return np.asarray(self.present.any(axis=1))


@dataclass(frozen=True)
class FittedFeatures:
    """Turn features into arrays on one scale, as fitted to one fold's training part."""

    modalities: tuple[str, ...]
    vectors: dict[str, VectorScaling]
    records: dict[str, RecordEncoder]
    sets: dict[str, VectorScaling] = field(default_factory=dict)
    """For the single scans of the modalities that are kept as sets."""

    @classmethod
    def fit(
        cls,
        table: FeatureTable,
        rows: ArrayLike,
        *,
        scaling: Mapping[str, ScalingName] | None = None,
        rare_below: Mapping[str, float] | None = None,
    ) -> "FittedFeatures":
        """Fit each modality to those of the given rows that have it, in whatever order they come.

        Args:
            table: The features of all cases.
            rows: Row numbers of the training part.
            scaling: For each record modality, how numbers are scaled; ``standard`` where not given.
            rare_below: For each record modality, the share of the training part's records
                below which a category counts as ``other``; 0.01 where not given.
        """
        training = row_numbers(rows, len(table))
        scaling, rare_below = scaling or {}, rare_below or {}
        vectors = {
            name: _fit_scaling(values, training[table.has(name)[training]])
            for name, values in table.vectors.items()
        }
        records = {
            name: RecordEncoder.fit(
                values,
                training,
                scaling=scaling.get(name, "standard"),
                rare_below=rare_below.get(name, 0.01),
            )
            for name, values in table.records.items()
        }
        sets = {
            name: VectorScaling.fit(scans.vectors[np.isin(scans.cases, training)])
            for name, scans in table.sets.items()
        }
        return cls(table.modalities, vectors, records, sets)

    @property
    def widths(self) -> dict[str, int]:
        """Width of each modality's array, in the order of the settings."""
        return {
            name: (self.vectors.get(name) or self.records[name]).width for name in self.modalities
        }

    def transform(self, table: FeatureTable) -> dict[str, Vectors]:
        """Return ``(cases, width)`` for each modality, finite, zeros where a case lacks it.

        Vectors in files stay there, and are scaled as they are read.

        Raises:
            TrainError: The table has other modalities or widths than those fitted to.
            RecordError: It has other record columns.
        """
        found = {name: values.shape[1] for name, values in table.vectors.items()}
        fitted = {name: scaling.width for name, scaling in self.vectors.items()}
        if table.modalities != self.modalities or found != fitted:
            raise TrainError(
                f"trained on {list(self.modalities)} with vectors of {fitted}, but now there are "
                f"{list(table.modalities)} with vectors of {found}; train again"
            )
        return {name: self._transform_one(name, table) for name in self.modalities}

    def transform_sets(self, table: FeatureTable) -> dict[str, ScanSet]:
        """Return the scans of each modality that is kept as a set, on one scale.

        It is that of the training part's single scans, each of which counts alike.

        Raises:
            TrainError: The table has other sets than those fitted to.
        """
        found = {name: scans.vectors.shape[1] for name, scans in table.sets.items()}
        fitted = {name: scaling.width for name, scaling in self.sets.items()}
        if found != fitted:
            raise TrainError(
                f"trained on sets of scans of {fitted}, but now there are {found}; train again"
            )
        return {
            name: replace(scans, vectors=self.sets[name].scale(scans.vectors))
            for name, scans in table.sets.items()
        }

    def _transform_one(self, name: str, table: FeatureTable) -> Vectors:
        if name in self.records:
            return self.records[name].transform(table.records[name])
        vectors = table.vectors[name]
        if isinstance(vectors, StoredVectors):
            return vectors.scaled(self.vectors[name])
        scaled = self.vectors[name].scale(vectors)
        scaled[~table.has(name)] = 0.0
        return scaled

    @property
    def digest(self) -> str:
        """SHA-256 of everything fitted, in hex."""
        digest = hashlib.sha256(canonical_json([self.modalities, self._encoders()]).encode())
        for kind, scalings in ((b"", self.vectors), (b"set ", self.sets)):
            for name in sorted(scalings):
                scaling = scalings[name]
                digest.update(kind + name.encode() + scaling.mean.tobytes() + scaling.sd.tobytes())
        return digest.hexdigest()

    def save(self, folder: Path) -> None:
        """Write everything fitted as JSON and safetensors; the JSON comes last and vouches."""
        _save_scalings(folder / _VECTORS, self.vectors)
        if self.sets:
            _save_scalings(folder / _SETS, self.sets)
        state = {
            "modalities": list(self.modalities),
            "vectors": list(self.vectors),
            "sets": list(self.sets),
            "records": self._encoders(),
            "digest": self.digest,
        }
        write_json(folder / _STATE, state)

    @classmethod
    def load(cls, folder: Path) -> "FittedFeatures":
        """Read what ``save`` wrote, exactly.

        Raises:
            TrainError: The folder lacks a file, or what it holds is not what was saved.
        """
        try:
            state = json.loads((folder / _STATE).read_text())
            vectors = _load_scalings(folder / _VECTORS, state["vectors"])
            sets = _load_scalings(folder / _SETS, state.get("sets", []))
            encoders = state["records"].items()
            records = {name: RecordEncoder.from_json(value) for name, value in encoders}
            fitted = cls(tuple(state["modalities"]), vectors, records, sets)
            digest = state["digest"]
        except (
            OSError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            SafetensorError,
        ) as error:
            raise TrainError(
                f"{folder}: features cannot be read ({one_line(error)}); train again"
            ) from error
        if fitted.digest != digest:
            raise TrainError(f"{folder}: features were changed after training; train again")
        return fitted

    def _encoders(self) -> dict[str, Any]:
        return {name: encoder.to_json() for name, encoder in self.records.items()}


def _fit_scaling(
    values: NDArray[np.float32] | StoredVectors, rows: NDArray[np.int64]
) -> VectorScaling:
    if not isinstance(values, StoredVectors):
        return VectorScaling.fit(values[rows])
    part = values.take(rows)
    blocks = (part[block] for block in blocks_of(len(part)))
    return VectorScaling.fit_in_blocks(blocks, width=part.shape[1])


def _save_scalings(file: Path, scalings: Mapping[str, VectorScaling]) -> None:
    arrays: dict[str, Any] = {f"{name}.mean": scaling.mean for name, scaling in scalings.items()}
    arrays |= {f"{name}.sd": scaling.sd for name, scaling in scalings.items()}
    with written_atomically(file) as partial:
        save_arrays(arrays, partial)
    file.with_suffix(_EARLIER).unlink(missing_ok=True)


def _load_scalings(file: Path, names: Iterable[str]) -> dict[str, VectorScaling]:
    earlier = file.with_suffix(_EARLIER)
    if earlier.is_file() and not file.is_file():
        return {
            name: VectorScaling(*read_npz(earlier, (f"{name}.mean", f"{name}.sd")))
            for name in names
        }
    names = list(names)
    if not names and not file.is_file():
        return {}
    arrays = load_file(file)
    return {name: VectorScaling(arrays[f"{name}.mean"], arrays[f"{name}.sd"]) for name in names}
