"""The trained network of the method `paper` and its ablations."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mmfeat.fusion.contract import Features, Kind, check_visible
from mmfeat.fusion.head_files import History, read_arrays, read_description, write_head
from mmfeat.fusion.paper_network import PaperNetwork
from mmfeat.fusion.probabilities import to_probabilities
from mmfeat.fusion.viewed_cases import logits_in_chunks


@dataclass(frozen=True)
class PaperHead:
    """Answer every availability with one network."""

    method: str
    kind: Kind
    n_outputs: int
    widths: Mapping[str, int]
    learnable_tokens: bool
    network: PaperNetwork
    history: History = ()

    def predict(self, features: Features, visible: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return ``(cases, outputs)`` given what is visible ``(cases, modalities)``."""
        check_visible(features, visible, self.widths)
        return to_probabilities(logits_in_chunks(self.network, features, visible), self.kind)

    def save(self, folder: Path) -> None:
        """Write the network's weights, what it is made of, and the course of its training."""
        description: dict[str, Any] = {
            "kind": self.kind,
            "n_outputs": self.n_outputs,
            "widths": dict(self.widths),
            "learnable_tokens": self.learnable_tokens,
        }
        arrays = {name: values.numpy() for name, values in self.network.state_dict().items()}
        write_head(
            folder, method=self.method, description=description, arrays=arrays, history=self.history
        )


def load_paper_head(folder: Path, method: str) -> PaperHead:
    """Read a head that ``save`` wrote."""
    known = read_description(folder)
    network = PaperNetwork(
        list(known["widths"].values()),
        n_outputs=known["n_outputs"],
        dropout=0.0,
        learnable_tokens=known["learnable_tokens"],
    )
    state = {name: torch.from_numpy(values) for name, values in read_arrays(folder).items()}
    network.load_state_dict(state)
    return PaperHead(
        method,
        known["kind"],
        known["n_outputs"],
        known["widths"],
        known["learnable_tokens"],
        network.eval(),
    )
