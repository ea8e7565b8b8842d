"""Method `mmfeat`, the default: anchored fusion.

Regularised linear models of the single modalities, stacked for each set of modalities, are the
anchor. Networks that see the modalities together learn what is to be added to the anchor's logit.
How much of it is added is decided for each set on patients the networks have not seen, and it is
nothing unless it helps there. So the answer is as good as the linear models where there is little
to learn from, and better where there is something to gain.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mmfeat.fusion.anchor import Anchor, fit_anchor
from mmfeat.fusion.contract import Features, FitOptions, FoldData, Kind, check_visible
from mmfeat.fusion.head_files import History, read_arrays, read_description, write_head
from mmfeat.fusion.linear import LinearModel
from mmfeat.fusion.modality_sets import Members, members_of, name_of, sets_of
from mmfeat.fusion.probabilities import to_probabilities
from mmfeat.fusion.residual import fit_residual
from mmfeat.fusion.residual_network import ResidualNetwork
from mmfeat.fusion.stacking import Stack
from mmfeat.fusion.unimodal import unimodal_models
from mmfeat.fusion.viewed_cases import logits_in_chunks
from mmfeat.fusion.views import training_views


@dataclass(frozen=True)
class AnchoredHead:
    """Answer with the anchor plus, for each set of modalities, a share of the mean residual."""

    method: str
    kind: Kind
    n_outputs: int
    widths: Mapping[str, int]
    anchor: Anchor
    networks: tuple[ResidualNetwork, ...]
    """Empty when no set of modalities gets a share of them."""
    shares: Mapping[Members, float]
    history: History = ()

    def predict(self, features: Features, visible: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return ``(cases, outputs)`` given what is visible ``(cases, modalities)``."""
        check_visible(features, visible, self.widths)
        logits = self.anchor.logits(features, visible)
        for members, rows in sets_of(visible):
            share = self.shares.get(members, 0.0)
            if share > 0:
                part = {name: values[rows] for name, values in features.items()}
                added = [
                    logits_in_chunks(network, part, visible[rows]) for network in self.networks
                ]
                logits[rows] += share * np.mean(added, axis=0)
        return to_probabilities(logits, self.kind)

    def save(self, folder: Path) -> None:
        """Write the linear models, the weights of each set, the networks and the history."""
        arrays: dict[str, NDArray[Any]] = {}
        for position, model in enumerate(self.anchor.models):
            arrays[f"linear.{position}.coefficients"] = model.coefficients
            arrays[f"linear.{position}.intercepts"] = model.intercepts
        for members, stack in self.anchor.stacks.items():
            for name, values in vars(stack).items():
                arrays[f"stack.{name_of(members)}.{name}"] = values
        for number, network in enumerate(self.networks):
            for name, values in network.state_dict().items():
                arrays[f"network.{number}.{name}"] = values.numpy()
        description = {
            "kind": self.kind,
            "n_outputs": self.n_outputs,
            "widths": dict(self.widths),
            "stacks": [name_of(members) for members in self.anchor.stacks],
            "shares": {name_of(members): share for members, share in self.shares.items()},
            "networks": len(self.networks),
        }
        write_head(
            folder, method=self.method, description=description, arrays=arrays, history=self.history
        )


@dataclass(frozen=True)
class AnchoredMethod:
    """Fit the anchor on the training and validation parts, the residual on inner folds of them."""

    name: str
    summary: str
    uses_seed: bool = True

    def fit(
        self,
        data: FoldData,
        *,
        seed: int,
        options: FitOptions,
        device: str,
        should_stop: Callable[[], bool],
    ) -> AnchoredHead:
        """Fit one head.

        Raises:
            TrainError: There is nothing to learn from.
        """
        single = unimodal_models(data)
        views = training_views(len(data.modalities), seed=seed)
        anchor = fit_anchor(data, single, views)
        residual = fit_residual(
            data,
            single,
            anchor,
            views,
            seed=seed,
            options=options,
            device=device,
            should_stop=should_stop,
        )
        return AnchoredHead(
            self.name,
            data.kind,
            data.n_outputs,
            {name: values.shape[1] for name, values in data.features.items()},
            anchor,
            residual.networks if any(residual.shares.values()) else (),
            residual.shares,
            residual.history,
        )

    def load(self, folder: Path) -> AnchoredHead:
        """Read a head that ``save`` wrote."""
        known, arrays = read_description(folder), read_arrays(folder)
        widths = known["widths"]
        models = tuple(
            LinearModel(arrays[f"linear.{m}.coefficients"], arrays[f"linear.{m}.intercepts"])
            for m in range(len(widths))
        )
        stacks = {
            members_of(name): Stack(
                **{part.name: arrays[f"stack.{name}.{part.name}"] for part in fields(Stack)}
            )
            for name in known["stacks"]
        }
        networks = []
        for number in range(known["networks"]):
            network = ResidualNetwork(
                list(widths.values()), n_outputs=known["n_outputs"], dropout=0.0
            )
            start = f"network.{number}."
            state = {
                name.removeprefix(start): a for name, a in arrays.items() if name.startswith(start)
            }
            network.load_state_dict({name: torch.from_numpy(a) for name, a in state.items()})
            networks.append(network.eval())
        shares = {members_of(name): share for name, share in known["shares"].items()}
        anchor = Anchor(models, stacks)
        return AnchoredHead(
            self.name, known["kind"], known["n_outputs"], widths, anchor, tuple(networks), shares
        )


METHOD = AnchoredMethod(
    "mmfeat",
    "anchored fusion: stacked linear models, plus what a network adds to them on unseen patients",
)
