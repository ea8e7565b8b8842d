"""The head of the default method: an anchor, and networks that add to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mmfeat.fusion.contract import Features, Sets, check_visible
from mmfeat.fusion.head_files import History, read_arrays, read_description, write_head
from mmfeat.fusion.linear_models.anchor import Anchor, Joint
from mmfeat.fusion.linear_models.linear_model import LinearModel
from mmfeat.fusion.linear_models.stacking import Stack
from mmfeat.fusion.modality_sets import Members, members_of, name_of, sets_of
from mmfeat.fusion.network_head import Design
from mmfeat.fusion.networks.network_inputs import NetworkInputs
from mmfeat.fusion.probabilities import to_answers
from mmfeat.fusion.task import Task
from mmfeat.fusion.training.viewed_cases import logits_in_chunks
from mmfeat.fusion.unseen import UnseenAnswers


@dataclass(frozen=True)
class AnchoredHead:
    """Answer with the anchor plus, for each set of modalities, a share of the mean residual."""

    method: str
    task: Task
    inputs: NetworkInputs
    anchor: Anchor
    networks: tuple[nn.Module, ...]
    """Empty when no set of modalities gets a share of them."""
    shares: Mapping[Members, float]
    history: History = ()
    validation: float | None = None
    unseen: UnseenAnswers = field(default_factory=UnseenAnswers.nothing)

    def predict(
        self, features: Features, visible: NDArray[np.bool_], sets: Sets | None = None
    ) -> NDArray[np.float64]:
        """Return ``(cases, outputs)`` given what is visible ``(cases, modalities)``."""
        check_visible(features, visible, self.inputs.widths)
        logits = self.anchor.logits(features, visible)
        read = self.inputs.check_sets(sets)
        for members, rows in sets_of(visible):
            share = self.shares.get(members, 0.0)
            if share > 0:
                added = [
                    logits_in_chunks(network, features, visible, sets=read, rows=rows)
                    for network in self.networks
                ]
                logits[rows] += share * np.mean(added, axis=0)
        return to_answers(logits, self.task)

    def save(self, folder: Path) -> None:
        """Write the linear models, the weights of each set, the networks and the history."""
        arrays: dict[str, NDArray[Any]] = {}
        for position, model in enumerate(self.anchor.models):
            arrays[f"linear.{position}.coefficients"] = model.coefficients
            arrays[f"linear.{position}.intercepts"] = model.intercepts
        for members, stack in self.anchor.stacks.items():
            for name, values in vars(stack).items():
                arrays[f"stack.{name_of(members)}.{name}"] = values
        for members, joint in self.anchor.joints.items():
            arrays[f"joint.{name_of(members)}.coefficients"] = joint.model.coefficients
            arrays[f"joint.{name_of(members)}.intercepts"] = joint.model.intercepts
        for number, network in enumerate(self.networks):
            for name, values in network.state_dict().items():
                arrays[f"network.{number}.{name}"] = values.numpy()
        description = {
            "task": self.task.to_json(),
            **self.inputs.to_json(),
            "stacks": [name_of(members) for members in self.anchor.stacks],
            "joint_shares": {
                name_of(members): joint.share for members, joint in self.anchor.joints.items()
            },
            "shares": {name_of(members): share for members, share in self.shares.items()},
            "networks": len(self.networks),
        }
        write_head(
            folder,
            method=self.method,
            description=description,
            arrays=arrays,
            history=self.history,
            validation=self.validation,
            unseen=self.unseen,
        )


def load_anchored_head(folder: Path, method: str, design: Design) -> AnchoredHead:
    """Read a head that ``save`` wrote, whose networks are of a design."""
    known, arrays = read_description(folder), read_arrays(folder)
    inputs, task = NetworkInputs.from_json(known), Task.from_json(known["task"])
    models = tuple(
        LinearModel(arrays[f"linear.{m}.coefficients"], arrays[f"linear.{m}.intercepts"])
        for m in range(len(inputs.widths))
    )
    stacks = {
        members_of(name): Stack(
            **{part.name: arrays[f"stack.{name}.{part.name}"] for part in fields(Stack)}
        )
        for name in known["stacks"]
    }
    joints = {
        members_of(name): Joint(
            LinearModel(arrays[f"joint.{name}.coefficients"], arrays[f"joint.{name}.intercepts"]),
            share,
        )
        for name, share in known["joint_shares"].items()
    }
    networks = []
    for number in range(known["networks"]):
        network = design(inputs, task).build()
        start = f"network.{number}."
        state = {
            name.removeprefix(start): a for name, a in arrays.items() if name.startswith(start)
        }
        network.load_state_dict({name: torch.from_numpy(a) for name, a in state.items()})
        networks.append(network.eval())
    return AnchoredHead(
        method,
        task,
        inputs,
        Anchor(models, stacks, joints),
        tuple(networks),
        {members_of(name): share for name, share in known["shares"].items()},
        validation=known["validation"],
        unseen=UnseenAnswers.load(folder),
    )
