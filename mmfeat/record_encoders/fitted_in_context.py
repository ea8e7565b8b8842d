"""A network with its context, and its files: JSON and safetensors, without the network itself."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from mmfeat.errors import RecordError, one_line
from mmfeat.provenance import write_json, written_atomically
from mmfeat.record_encoders.context_network import ContextNetwork, embed_in_contexts
from mmfeat.record_encoders.context_table import Context, table_of
from mmfeat.tabular.column_inputs import ColumnInputs
from mmfeat.tabular.principal_components import PrincipalComponents
from mmfeat.tensor_writing import save_arrays

_FORMAT = 1
_DESCRIPTION = "encoder.json"
_CONTEXTS = "contexts.safetensors"


@dataclass(frozen=True, eq=False)
class FittedInContext:
    """Embed records against those of the training part."""

    name: str
    network: ContextNetwork
    contexts: tuple[Context, ...]
    """One, or one for each of several labels."""
    space: PrincipalComponents

    @property
    def width(self) -> int:
        """Width of the vectors."""
        return self.space.n_kept

    def embed(self, inputs: ColumnInputs) -> NDArray[np.float32]:
        """Return ``(cases, width)``, zeros where there is no record."""
        vectors = np.zeros((len(inputs), self.width), np.float32)
        if inputs.present.any():
            rows = table_of(inputs)[inputs.present]
            raw = embed_in_contexts(self.network, self.contexts, rows)
            vectors[inputs.present] = self.space.project(raw)
        return vectors

    def save(self, folder: Path) -> None:
        """Write ``encoder.json`` and ``contexts.safetensors``: scaled records and their labels."""
        arrays: dict[str, NDArray[np.float32]] = {}
        for number, context in enumerate(self.contexts):
            arrays[f"{number}.table"] = np.ascontiguousarray(context.table)
            arrays[f"{number}.labels"] = np.ascontiguousarray(context.labels)
        folder.mkdir(parents=True, exist_ok=True)
        with written_atomically(folder / _CONTEXTS) as partial:
            save_arrays(arrays, partial)
        description = {
            "format": _FORMAT,
            "encoder": self.name,
            "contexts": len(self.contexts),
            "space": self.space.model_dump(mode="json"),
        }
        write_json(folder / _DESCRIPTION, description)

    @classmethod
    def load(cls, folder: Path, name: str, network: ContextNetwork) -> "FittedInContext":
        """Read what ``save`` wrote, exactly.

        Raises:
            RecordError: The folder lacks a file, or it is torn or of another encoder.
        """
        try:
            known = json.loads((folder / _DESCRIPTION).read_text())
            if (known["format"], known["encoder"]) != (_FORMAT, name):
                raise ValueError(f"of `{known['encoder']}`, format {known['format']}")
            arrays = load_file(folder / _CONTEXTS)
            contexts = tuple(
                Context(arrays[f"{number}.table"], arrays[f"{number}.labels"])
                for number in range(known["contexts"])
            )
            space = PrincipalComponents.model_validate(known["space"])
        except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
            raise RecordError(
                f"{folder}: the record encoder cannot be read ({one_line(error)}); "
                "train again with --overwrite"
            ) from error
        return cls(name, network, contexts, space)
