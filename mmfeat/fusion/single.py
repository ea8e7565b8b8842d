"""Methods `image-only`, `table-only` and `<modality>-only`: what some modalities say alone.

The network is that of `mmfeat` without an anchor: of a single modality, a projection to 64 values
and one hidden layer. A case that shows none of the modalities gets the base rate of the training
part.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mmfeat.errors import TrainError
from mmfeat.fusion.base_rates import base_logits
from mmfeat.fusion.contract import (
    Course,
    Features,
    FitOptions,
    FoldData,
    Sets,
    check_learnable,
    check_visible,
)
from mmfeat.fusion.head_files import read_arrays, read_description, write_head
from mmfeat.fusion.network_head import NetworkHead, network_head
from mmfeat.fusion.network_method import NetworkMethod
from mmfeat.fusion.networks.architectures import Architecture
from mmfeat.fusion.networks.network_inputs import NetworkInputs
from mmfeat.fusion.probabilities import to_answers
from mmfeat.fusion.stacked.residual_stack import ResidualArchitecture
from mmfeat.fusion.task import Task


@dataclass(frozen=True)
class SingleHead:
    """Answer with a network on some of the modalities, and where it sees none, with base rates.

    Shape:
        - ``base``: ``(outputs,)``, logits.
    """

    method: str
    widths: Mapping[str, int]
    """Of all modalities."""
    base: NDArray[np.float64]
    alone: NetworkHead

    @property
    def validation(self) -> float | None:
        """Return the loss of the network on the validation part."""
        return self.alone.validation

    @property
    def unseen(self) -> None:
        """Say that nothing was kept: the network was not fitted to the validation part."""
        return None

    def predict(
        self, features: Features, visible: NDArray[np.bool_], sets: Sets | None = None
    ) -> NDArray[np.float64]:
        """Return ``(cases, outputs)`` given what is visible ``(cases, modalities)``."""
        check_visible(features, visible, self.widths)
        names = list(self.alone.inputs.widths)
        seen = visible[:, [list(self.widths).index(name) for name in names]]
        rows = np.flatnonzero(seen.any(axis=1))
        logits = np.tile(self.base, (len(visible), 1))
        if len(rows):
            of_rows = {name: scans.of_cases(rows) for name, scans in (sets or {}).items()}
            shown = {name: features[name][rows] for name in names}
            logits[rows] = self.alone.logits(shown, seen[rows], of_rows)
        return to_answers(logits, self.alone.task)

    def save(self, folder: Path) -> None:
        """Write the network and the base rates."""
        description = {
            "widths": dict(self.widths),
            "base": self.base.tolist(),
            "alone": self.alone.description(),
        }
        write_head(
            folder,
            method=self.method,
            description=description,
            arrays=self.alone.arrays(),
            history=self.alone.history,
            validation=self.validation,
        )


def _design(inputs: NetworkInputs, task: Task) -> Architecture:
    return inputs.behind_pooling(ResidualArchitecture(inputs.after_pooling, task.n_outputs))


@dataclass(frozen=True)
class SingleMethod:
    """Train a network on some of the modalities."""

    name: str
    summary: str
    chosen: Callable[[FoldData], tuple[str, ...]]
    """Names the modalities, or raises TrainError where there are none such."""
    reads_sets: bool = False
    uses_seed: bool = True
    uses_linear: bool = False
    has_cox: bool = True

    def course(self, data: FoldData, *, seed: int, options: FitOptions) -> Course:
        """Ask for the network.

        Raises:
            TrainError: There is no such modality, or nothing to learn from.
        """
        alone = only(data, self.chosen(data))
        method = NetworkMethod(self.name, self.summary, _design, reads_sets=self.reads_sets)
        rows = data.usable(data.train)
        check_learnable(data, rows)
        head = yield from method.course(alone, seed=seed, options=options)
        base = base_logits(data.labels[rows], data.task)
        return SingleHead(self.name, data.widths, base, head)

    def load(self, folder: Path) -> SingleHead:
        """Read a head that ``save`` wrote."""
        known = read_description(folder)
        of_network = {**known["alone"], "validation": known["validation"]}
        alone = network_head(self.name, _design, of_network, read_arrays(folder))
        return SingleHead(self.name, known["widths"], np.array(known["base"]), alone)


@lru_cache(maxsize=4)
def only(data: FoldData, names: tuple[str, ...]) -> FoldData:
    """Return a fold as if it had only some of its modalities, the same object for each head of it.

    Args:
        data: The fold.
        names: Of the modalities, in their order.
    """
    places = [data.modalities.index(name) for name in names]
    return replace(
        data,
        features={name: data.features[name] for name in names},
        present=data.present[:, places],
        cell_dropout={name: one for name, one in data.cell_dropout.items() if name in names},
        sets={name: scans for name, scans in data.sets.items() if name in names},
        records=data.records & set(names),
    )


def _images(data: FoldData) -> tuple[str, ...]:
    names = tuple(name for name in data.modalities if name not in data.records)
    if not names:
        raise TrainError(
            f"no modality is an image ({', '.join(data.modalities)} are records); take the method "
            "out of `train.methods`"
        )
    return names


def _records(data: FoldData) -> tuple[str, ...]:
    names = tuple(name for name in data.modalities if name in data.records)
    if not names:
        raise TrainError(
            f"no modality is a record ({', '.join(data.modalities)} are not); take the method out "
            "of `train.methods`"
        )
    return names


def only_modality(method: str, name: str) -> SingleMethod:
    """Return the method that sees one modality, by its name."""

    def chosen(data: FoldData) -> tuple[str, ...]:
        if name not in data.modalities:
            raise TrainError(
                f"train.methods: `{method}` is about a modality `{name}`, but there are "
                f"{', '.join(data.modalities)}; correct the name, or take the method out"
            )
        return (name,)

    return SingleMethod(method, f"network on `{name}` alone", chosen)


IMAGE_ONLY = SingleMethod(
    "image-only", "network on the images alone; the base rate where there is none", _images
)
TABLE_ONLY = SingleMethod(
    "table-only", "network on the records alone; the base rate where there is none", _records
)
IMAGE_ONLY_ATTENTION = SingleMethod(
    "image-only-attention",
    "network on the images' tokens or scans, pooled by attention (ABMIL)",
    _images,
    reads_sets=True,
)
