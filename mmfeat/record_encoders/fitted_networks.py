"""Trained networks of the record, and their files: JSON and safetensors."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from mmfeat.errors import RecordError, one_line
from mmfeat.provenance import write_json, written_atomically
from mmfeat.record_encoders.alignment import AlignedSpace
from mmfeat.record_encoders.blueprint import Blueprint
from mmfeat.record_encoders.cells import Cells
from mmfeat.record_encoders.record_network import RecordNetwork, embedded_in_chunks
from mmfeat.tabular.column_inputs import ColumnInputs
from mmfeat.tabular.vector_scaling import VectorScaling
from mmfeat.tensor_writing import save_arrays

_FORMAT = 1
_DESCRIPTION = "encoder.json"
_ARRAYS = "encoder.safetensors"


@dataclass(frozen=True)
class Member:
    """Hold one network, and how its embedding is brought into the shared space."""

    network: RecordNetwork
    space: AlignedSpace


@dataclass(frozen=True)
class FittedNetworks:
    """Embed records as the mean of the networks' embeddings in their shared space."""

    name: str
    blueprint: Blueprint
    members: tuple[Member, ...]

    @property
    def width(self) -> int:
        """Width of the vectors."""
        return self.members[0].network.width

    def embed(self, inputs: ColumnInputs) -> NDArray[np.float32]:
        """Return ``(cases, width)``, zeros where there is no record."""
        cells = Cells.of(inputs)
        total = np.zeros((len(inputs), self.width))
        for member in self.members:
            total += member.space.map(embedded_in_chunks(member.network, cells).numpy())
        total[~inputs.present] = 0.0
        return (total / len(self.members)).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write ``encoder.json`` and ``encoder.safetensors``."""
        arrays: dict[str, NDArray[Any]] = {}
        for number, member in enumerate(self.members):
            arrays[f"{number}.mean"] = member.space.scaling.mean
            arrays[f"{number}.sd"] = member.space.scaling.sd
            arrays[f"{number}.matrix"] = member.space.matrix
            for name, values in member.network.state_dict().items():
                arrays[f"{number}.network.{name}"] = values.numpy()
        folder.mkdir(parents=True, exist_ok=True)
        with written_atomically(folder / _ARRAYS) as partial:
            save_arrays(arrays, partial)
        description = {
            "format": _FORMAT,
            "encoder": self.name,
            "networks": len(self.members),
            "blueprint": self.blueprint.model_dump(mode="json"),
        }
        write_json(folder / _DESCRIPTION, description)

    @classmethod
    def load(
        cls, folder: Path, name: str, build: Callable[[Blueprint], RecordNetwork]
    ) -> "FittedNetworks":
        """Read what ``save`` wrote, exactly.

        Raises:
            RecordError: The folder lacks a file, or it is torn or of another encoder.
        """
        try:
            known = json.loads((folder / _DESCRIPTION).read_text())
            if (known["format"], known["encoder"]) != (_FORMAT, name):
                raise ValueError(f"of `{known['encoder']}`, format {known['format']}")
            blueprint = Blueprint.model_validate(known["blueprint"])
            arrays = load_file(folder / _ARRAYS)
            members = tuple(
                _member(arrays, f"{number}.", build(blueprint))
                for number in range(known["networks"])
            )
        except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
            raise RecordError(
                f"{folder}: the record encoder cannot be read ({one_line(error)}); "
                "train again with --overwrite"
            ) from error
        return cls(name, blueprint, members)


def _member(arrays: dict[str, NDArray[Any]], start: str, network: RecordNetwork) -> Member:
    of_network = f"{start}network."
    state = {
        name.removeprefix(of_network): torch.from_numpy(values)
        for name, values in arrays.items()
        if name.startswith(of_network)
    }
    network.load_state_dict(state)
    scaling = VectorScaling(arrays[f"{start}mean"], arrays[f"{start}sd"])
    return Member(network.eval(), AlignedSpace(scaling, arrays[f"{start}matrix"]))
