"""Terms that were tried on the default method, and what takes single parts of it away."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from mmfeat.fusion.contract import Course, Features, FitOptions, FoldData, Head, Method, Sets
from mmfeat.fusion.networks.residual_network import ResidualNetwork
from mmfeat.fusion.stacked.contrastive_architecture import (
    ContrastiveArchitecture,
    start_of_contrast,
)
from mmfeat.fusion.task import Task
from mmfeat.fusion.training.contrastive_stage import bias_at_start, network_part
from mmfeat.fusion.training.network_jobs import Contrast, LossTerms, NetworkJob, TrainedNetwork
from mmfeat.fusion.views import every_view


@dataclass(frozen=True)
class Ranking:
    """Punish a case whose loss through everything is above that through a part (RoVTL)."""

    weight: float = 1.0

    def __call__(
        self,
        logits: Float[Tensor, "views batch outputs"],
        labels: Float[Tensor, "batch columns"],
        weights: Float[Tensor, "views batch"],
        task: Task,
    ) -> Float[Tensor, ""]:
        losses = _losses(logits, labels, task)
        both = ((weights[:-1] > 0) & (weights[-1] > 0)).to(losses.dtype)
        above = functional.relu(losses[-1] - losses[:-1]) * both
        return self.weight * above.sum() / both.sum().clamp(min=1.0)


@dataclass(frozen=True)
class Distillation:
    """Let what is seen of a part answer as everything does."""

    weight: float = 1.0

    def __call__(
        self,
        logits: Float[Tensor, "views batch outputs"],
        labels: Float[Tensor, "batch columns"],  # noqa: ARG002 - the teacher's answers instead
        weights: Float[Tensor, "views batch"],
        task: Task,
    ) -> Float[Tensor, ""]:
        teacher, both = logits[-1].detach(), (weights[:-1] > 0) & (weights[-1] > 0)
        if task.parts[0].kind == "multiclass":
            apart = -(teacher.softmax(-1) * logits[:-1].log_softmax(-1)).sum(-1)
        else:
            aim = torch.sigmoid(teacher).expand_as(logits[:-1])
            apart = functional.binary_cross_entropy_with_logits(
                logits[:-1], aim, reduction="none"
            ).sum(-1)
        return self.weight * (apart * both).sum() / both.sum().clamp(min=1)


def _losses(logits: Tensor, labels: Tensor, task: Task) -> Float[Tensor, "views batch"]:
    """Return the loss of each view of each case of one target of classes."""
    if task.parts[0].kind == "multiclass":
        chosen = labels[:, 0].long().expand(logits.shape[:2])
        return functional.cross_entropy(logits.movedim(-1, 1), chosen, reduction="none")
    aim = labels.expand_as(logits)
    return functional.binary_cross_entropy_with_logits(logits, aim, reduction="none").mean(-1)


@dataclass(frozen=True)
class AdditiveArchitecture:
    """Describe the default's network without its products of modalities."""

    widths: tuple[int, ...]
    n_outputs: int

    def build(self, dropout: float = 0.0) -> nn.Module:
        return _AdditiveNetwork(self.widths, n_outputs=self.n_outputs, dropout=dropout)


class _AdditiveNetwork(ResidualNetwork):
    def represent(
        self,
        features: Sequence[Float[Tensor, "batch _"]],
        rows: Int[Tensor, " pairs"],
        visible: Bool[Tensor, "pairs modalities"],
    ) -> Float[Tensor, "pairs hidden"]:
        total = self.project(features, rows, visible).sum(0)
        return functional.gelu(self.hidden(torch.cat([total, torch.zeros_like(total)], dim=1)))


@dataclass(frozen=True)
class SetTokensArchitecture:
    """Describe the default's network with a token for each set that is seen (as Flex-MoE has)."""

    widths: tuple[int, ...]
    n_outputs: int

    def build(self, dropout: float = 0.0) -> nn.Module:
        return _SetTokensNetwork(self.widths, n_outputs=self.n_outputs, dropout=dropout)


class _SetTokensNetwork(ResidualNetwork):
    def __init__(self, widths: Sequence[int], *, n_outputs: int, dropout: float) -> None:
        super().__init__(widths, n_outputs=n_outputs, dropout=dropout)
        self.of_sets = nn.ParameterList(
            nn.Parameter(0.02 * torch.randn(2 * self.d_hidden)) for _ in range(2 ** len(widths))
        )

    def represent(
        self,
        features: Sequence[Float[Tensor, "batch _"]],
        rows: Int[Tensor, " pairs"],
        visible: Bool[Tensor, "pairs modalities"],
    ) -> Float[Tensor, "pairs hidden"]:
        layers = zip(self.projections, self.projection_dropouts, strict=True)
        joint = torch.stack(
            [
                dropout(projection(values))[rows] * visible[:, [modality]]
                for modality, ((projection, dropout), values) in enumerate(
                    zip(layers, features, strict=True)
                )
            ]
        )
        total = joint.sum(0)
        products = (total.square() - joint.square().sum(0)) / 2
        number = (visible.long() * 2 ** torch.arange(visible.shape[1])).sum(1)
        tokens = torch.stack(list(self.of_sets))[number]
        return functional.gelu(self.hidden(torch.cat([total, products], dim=1) + tokens))


@dataclass(frozen=True)
class ViewAverage:
    """Answer with the mean over the sets within what is seen (the lab's earlier TNF)."""

    inner: Method
    name: str = "view-average"
    summary: str = "the mean of the answers through every set within what is seen"

    def course(self, data: FoldData, *, seed: int, options: FitOptions) -> Course:
        return _AveragedHead((yield from self.inner.course(data, seed=seed, options=options)))

    def load(self, folder: Path) -> Head:
        return _AveragedHead(self.inner.load(folder))


@dataclass(frozen=True)
class _AveragedHead:
    inner: Head

    def predict(
        self, features: Features, visible: NDArray[np.bool_], sets: Sets | None = None
    ) -> NDArray[np.float64]:
        total, n_seen = 0.0, np.zeros((len(visible), 1))
        for view in every_view(visible.shape[1]):
            within = visible[:, view].all(axis=1)
            shown = np.where(within[:, None], view, visible)
            total = total + np.where(
                within[:, None], self.inner.predict(features, shown, sets), 0.0
            )
            n_seen += within[:, None]
        return np.asarray(total / n_seen)

    def save(self, folder: Path) -> None:
        self.inner.save(folder)

    @property
    def validation(self) -> float | None:
        return None

    @property
    def unseen(self) -> None:
        return None


@dataclass(frozen=True)
class WithoutNetwork:
    """Give every network that is asked for as it starts, when it adds nothing."""

    inner: Method
    name: str = "no-network"
    summary: str = "the anchor alone"

    def course(self, data: FoldData, *, seed: int, options: FitOptions) -> Course:
        course = self.inner.course(data, seed=seed, options=options)
        jobs = next(course)
        while True:
            answers = [
                TrainedNetwork(
                    job,
                    job.architecture.build().state_dict(),
                    [{"epoch": 0, "score": 0.0, "validation": 0.0}],
                    0,
                )
                for job in jobs
            ]
            yield ()
            try:
                jobs = course.send(answers)
            except StopIteration as finished:
                head: Head = finished.value
                return head

    def load(self, folder: Path) -> Head:
        return self.inner.load(folder)


@dataclass(frozen=True)
class ContrastFirst:
    """Train every network by the contrastive loss before it is trained for the target."""

    inner: Method
    name: str = "contrast"
    summary: str = "a contrastive stage before the residual"

    def course(self, data: FoldData, *, seed: int, options: FitOptions) -> Course:
        course = self.inner.course(data, seed=seed, options=options)
        jobs = next(course)
        while True:
            first = yield [_contrastive(job, options) for job in jobs]
            answers = yield [
                replace(job, start=_last_layer_at_zero(network_part(one.state)))
                for job, one in zip(jobs, first, strict=True)
            ]
            try:
                jobs = course.send(answers)
            except StopIteration as finished:
                head: Head = finished.value
                return head

    def load(self, folder: Path) -> Head:
        return self.inner.load(folder)


def _contrastive(job: NetworkJob, options: FitOptions) -> NetworkJob:
    architecture, contrast = ContrastiveArchitecture(job.architecture), Contrast()
    bias = bias_at_start(job.data, job.train, contrast)
    return replace(
        job,
        name=f"contrastive-{job.name}",
        architecture=architecture,
        loop=options.loop(options.contrastive_epochs),
        contrast=contrast,
        terms=LossTerms(),
        start=start_of_contrast(architecture, seed=job.seed, bias=bias),
    )


def _last_layer_at_zero(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Let the network add nothing at first, as without the stage before."""
    return {
        name: torch.zeros_like(values) if name.startswith("last.") else values
        for name, values in state.items()
    }
