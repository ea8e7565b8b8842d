"""Train a network on records, some of whose cells are hidden in each step."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from mmfeat.fusion.training.network_jobs import LoopOptions
from mmfeat.fusion.training.seeding import seeded
from mmfeat.losses.task import Kind, task_loss
from mmfeat.record_encoders.blueprint import Blueprint
from mmfeat.record_encoders.cells import Cells, random_gaps
from mmfeat.record_encoders.fitting import fit_network
from mmfeat.record_encoders.record_network import RecordNetwork

_SEED_OF_HELD_OUT_GAPS = 1
_LEAST_PROBABILITY = 1e-6


@dataclass(frozen=True)
class LabelledCells:
    """Hold records and labels ``(cases, columns)``, NaN where missing, on one device."""

    cells: Cells
    labels: Tensor

    def part(self, rows: NDArray[np.int64]) -> "LabelledCells":
        """Return some of the cases."""
        chosen = torch.from_numpy(rows).to(self.labels.device)
        return LabelledCells(self.cells.part(chosen), self.labels[chosen])


def train_network(
    build: Callable[[], RecordNetwork],
    train: LabelledCells,
    held_out: LabelledCells,
    *,
    blueprint: Blueprint,
    kind: Kind,
    loop: LoopOptions,
    seed: int,
    should_stop: Callable[[], bool],
) -> RecordNetwork:
    """Train one network, stopped early on held-out records, whole ones and with gaps.

    The gaps of the held-out records are the same in every epoch.

    Returns:
        The network on the CPU, in evaluation mode.

    Raises:
        Interrupted: ``should_stop`` said so.
    """
    device = str(train.labels.device)
    n_columns = blueprint.n_columns
    with seeded(seed, device) as generator:
        network = build().to(device)
        fixed = torch.Generator().manual_seed(_SEED_OF_HELD_OUT_GAPS)
        gaps = random_gaps(len(held_out.cells), n_columns, generator=fixed, whole_share=0.0)
        watched = (held_out.cells, held_out.cells.hidden(gaps, blueprint))

        def loss_on(rows: Tensor) -> Tensor:
            where = random_gaps(len(rows), n_columns, generator=generator)
            logits = network.member_logits(train.cells.part(rows).hidden(where, blueprint))
            labels = train.labels[rows].repeat(len(logits), 1)
            return task_loss(logits.flatten(0, 1), labels, kind)

        def score() -> float:
            losses = [
                task_loss(mean_logits(network.member_logits(cells), kind), held_out.labels, kind)
                for cells in watched
            ]
            return -float(torch.stack(losses).mean())

        fit_network(
            network,
            n_rows=len(train.cells),
            loss_on=loss_on,
            score=score,
            options=loop,
            generator=generator,
            should_stop=should_stop,
        )
    return network.cpu()


def mean_logits(
    logits: Float[Tensor, "members cases outputs"], kind: Kind
) -> Float[Tensor, "cases outputs"]:
    """Return the logits of the members' mean probability, or the mean of numbers."""
    if kind == "regression":
        return logits.mean(dim=0)
    if kind == "multiclass":
        return logits.softmax(dim=-1).mean(dim=0).clamp_min(_LEAST_PROBABILITY).log()
    return torch.logit(logits.sigmoid().mean(dim=0), eps=_LEAST_PROBABILITY)
