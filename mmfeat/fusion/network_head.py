"""A head that is one network."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mmfeat.fusion.contract import Features, Sets, check_visible
from mmfeat.fusion.head_files import History, read_arrays, read_description, write_head
from mmfeat.fusion.networks.architectures import Architecture
from mmfeat.fusion.networks.network_inputs import NetworkInputs
from mmfeat.fusion.probabilities import to_answers
from mmfeat.fusion.task import Task
from mmfeat.fusion.training.viewed_cases import logits_in_chunks

Design = Callable[[NetworkInputs, Task], Architecture]
"""Says which network answers a task from these inputs; it is asked again when a head is read."""


@dataclass(frozen=True)
class NetworkHead:
    """Answer every availability with one network."""

    method: str
    task: Task
    inputs: NetworkInputs
    network: nn.Module
    history: History = ()
    validation: float | None = None
    added: tuple[float, ...] = ()
    """Base rates that are added to the network's logits, one for each output; or none."""

    @property
    def unseen(self) -> None:
        """Say that nothing was kept: the network was not fitted to the validation part."""
        return None

    def logits(
        self, features: Features, visible: NDArray[np.bool_], sets: Sets | None = None
    ) -> NDArray[np.float64]:
        """Return ``(cases, outputs)`` given what is visible ``(cases, modalities)``."""
        check_visible(features, visible, self.inputs.widths)
        read = self.inputs.check_sets(sets)
        logits = logits_in_chunks(self.network, features, visible, sets=read)
        return logits + np.array(self.added) if self.added else logits

    def predict(
        self, features: Features, visible: NDArray[np.bool_], sets: Sets | None = None
    ) -> NDArray[np.float64]:
        """Return ``(cases, outputs)`` given what is visible ``(cases, modalities)``."""
        return to_answers(self.logits(features, visible, sets), self.task)

    def save(self, folder: Path) -> None:
        """Write the network's weights, what it is made of, and the course of its training."""
        write_head(
            folder,
            method=self.method,
            description=self.description(),
            arrays=self.arrays(),
            history=self.history,
            validation=self.validation,
        )

    def description(self) -> dict[str, Any]:
        """Return what the network is built from again."""
        of_network = {"task": self.task.to_json(), **self.inputs.to_json()}
        return {**of_network, "added_logits": list(self.added)}

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the weights by their names."""
        return {name: values.numpy() for name, values in self.network.state_dict().items()}


def network_head(
    method: str, design: Design, known: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
) -> NetworkHead:
    """Build a head from its description and its weights."""
    task, inputs = Task.from_json(known["task"]), NetworkInputs.from_json(known)
    network = design(inputs, task).build()
    network.load_state_dict({name: torch.from_numpy(values) for name, values in arrays.items()})
    return NetworkHead(
        method,
        task,
        inputs,
        network.eval(),
        validation=known["validation"],
        added=tuple(known["added_logits"]),
    )


def load_network_head(folder: Path, method: str, design: Design) -> NetworkHead:
    """Read a head that ``save`` wrote.

    Raises:
        TrainError: It is not a whole head.
    """
    return network_head(method, design, read_description(folder), read_arrays(folder))
