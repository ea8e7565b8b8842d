"""What is asked for when a network is to be trained, and what comes back."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from mmfeat.fusion.fold_data import FoldData
from mmfeat.fusion.networks.architectures import Architecture
from mmfeat.fusion.task import Task
from mmfeat.fusion.training.seeding import seeded

Precision = Literal["float32", "tf32", "bfloat16", "float64"]
Running = Literal["eager", "graph"]
Score = Literal["auroc", "loss"]

EpochRecord = dict[str, float | int | str]
"""What is known of one epoch: its number, the mean training loss, the score (higher is better) and
the validation loss (lower is better)."""


@dataclass(frozen=True)
class LoopOptions:
    """Numbers of one run of the loop."""

    epochs: int
    patience: int
    batch_size: int
    learning_rate: float
    weight_decay: float


@runtime_checkable
class ExtraLoss(Protocol):
    """Add something to a task's loss; equal ones, by their repr, compute the same."""

    def __call__(
        self,
        logits: Float[Tensor, "views batch outputs"],
        labels: Float[Tensor, "batch columns"],
        weights: Float[Tensor, "views batch"],
        task: Task,
    ) -> Float[Tensor, ""]:
        """Return what is added to the loss of a batch.

        Args:
            logits: Of every case through every view; 0 where it does not take part.
            labels: NaN where missing.
            weights: How much each case counts in each view; 0 where it does not take part.
            task: What is predicted.
        """


@dataclass(frozen=True)
class LossTerms:
    """Say what counts how much in a head's loss; everything counts alike where nothing is given.

    Shape:
        - ``offsets``: ``(views, cases, outputs)``, logits that the network adds to; or one view
          of them, for all.
        - ``sample_weights``: ``(cases,)``; the validation part is not weighted.
        - ``view_weights``: ``(views,)``.
    """

    offsets: NDArray[np.float64] | None = None
    sample_weights: NDArray[np.float64] | None = None
    view_weights: NDArray[np.float64] | None = None
    extra: ExtraLoss | None = None
    """Networks with it are trained alone."""


@dataclass(frozen=True)
class StepRules:
    """Say how a head's steps are changed."""

    largest_norm: float = float("inf")
    """Gradients longer than this are shortened to it."""
    warmup_epochs: float = 0.0
    """The learning rate rises linearly over these."""
    cosine: bool = False
    """After the warm-up the learning rate falls to zero at the last epoch."""
    averaging: float = 0.0
    """Share that a moving average of the weights keeps in each step; the average is what is scored
    and returned. 0 takes the weights themselves."""

    def share_of_rate(self, step: int, *, steps_per_epoch: int, n_steps: int) -> float:
        """Return by what the learning rate is multiplied in a step, counted from 1.

        Args:
            step: Which step.
            steps_per_epoch: Of the network.
            n_steps: Of all epochs that it may be trained for.
        """
        before, warmup = step - 1, self.warmup_epochs * steps_per_epoch
        risen = min(1.0, (before + 1) / (warmup + 1))
        if not self.cosine:
            return risen
        falling = (before - warmup) / max(1.0, n_steps - warmup)
        return risen * (1 + math.cos(math.pi * min(1.0, max(0.0, falling)))) / 2


@dataclass(frozen=True)
class Contrast:
    """Bring views of cases with one label together, instead of predicting the label."""

    balanced_pairs: bool = True
    """Weight pairs of cases by class."""
    published_bias: bool = False
    """Start the bias at -10, not at the logit of the share of pairs that agree."""
    clamps_temperature: bool = True
    """Keep the temperature between 1 and 100."""
    bank: int = 0
    """Earlier cases of each view that a batch is compared with too; such networks are trained
    alone."""


@dataclass(frozen=True, eq=False)
class NetworkJob:
    """Ask for one network; two are equal only when they are the same object.

    Shape:
        - ``train``, ``val``: row numbers of the fold's cases, each with a label and a modality.
        - ``views``: ``(views, modalities)``, what is supervised; ``val_views``: what is scored.
    """

    name: str
    """Tells the networks of one head apart, in messages and in a saved state."""
    architecture: Architecture
    data: FoldData
    """Where the rows are; jobs of one fold share the same object."""
    seed: int
    train: NDArray[np.int64]
    val: NDArray[np.int64]
    views: NDArray[np.bool_]
    loop: LoopOptions
    dropout: float
    val_views: NDArray[np.bool_] | None = None
    """The supervised views where None."""
    draws_views: bool = False
    """Show each case one random set of what a view leaves it, another in every step."""
    hides_cells: bool = False
    """Hide cells of the records in training, as the fold's ``cell_dropout`` says."""
    reads_sets: bool = False
    """Give the network a `Bag` of each modality that the fold has as sets; it is trained alone."""
    score: Score = "auroc"
    """Mean AUROC of the views, or the negative sum of their mean losses."""
    start_competes: bool = False
    """Let the weights before the first epoch win where no epoch has a higher score."""
    contrast: Contrast | None = None
    """The contrastive stage, where given; its score is always the negative loss."""
    terms: LossTerms = field(default_factory=LossTerms)
    rules: StepRules = field(default_factory=StepRules)
    start: Mapping[str, Tensor] | None = None
    """Weights to start from, instead of fresh ones from the seed."""

    @property
    def steps_per_epoch(self) -> int:
        """Return the number of batches of an epoch, the last one perhaps not full."""
        return -(-len(self.train) // self.loop.batch_size)

    @property
    def scored_views(self) -> NDArray[np.bool_]:
        """Return the views that the validation part is seen through."""
        return self.views if self.val_views is None else self.val_views


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """Hold one finished network.

    ``state`` has the best weights by their names in the module, on the CPU. ``failure`` says what
    went wrong where the loss or the score stopped being a number; the weights are then the best
    from before.
    """

    job: NetworkJob
    state: Mapping[str, Tensor]
    history: list[EpochRecord]
    best_epoch: int
    failure: str | None = None

    @property
    def validation(self) -> float:
        """Return the mean loss of the views on the validation part, of the best epoch."""
        return float(self.history[self.best_epoch]["validation"])

    def network(self) -> torch.nn.Module:
        """Return the module with the trained weights, in evaluation mode."""
        with seeded(self.job.seed, "cpu"):  # building draws numbers, and nobody else's
            network = self.job.architecture.build()
        network.load_state_dict(dict(self.state))
        return network.eval()


@dataclass(frozen=True)
class StackOptions:
    """Say how stacks are run; what is trained is the jobs' business."""

    precision: Precision = "float32"
    """Of the network: bfloat16 keeps the weights, the losses and the optimiser in float32."""
    running: Running | None = None
    """As a CUDA graph on a GPU and step by step elsewhere where None."""
    compiles: bool = False
    """Whether torch's compiler merges the operations of a step first: a minute of work."""
    heads_at_once: int | None = None
    """Largest stack; as many as fit on a GPU, or as are worth it on a CPU, where None."""


OnEpoch = Callable[[NetworkJob, EpochRecord], None]
"""Told of every epoch of a network."""


def score_of(task: Task) -> Score:
    """Return what early stopping watches: AUROC of the labels of one target, else the loss."""
    only = task.parts[0]
    is_ranked = only.kind not in ("regression", "cox") and not only.hazards
    return "auroc" if is_ranked and len(task.parts) == 1 else "loss"


def tell_nobody(job: NetworkJob, record: EpochRecord) -> None:
    """Do nothing with an epoch."""
