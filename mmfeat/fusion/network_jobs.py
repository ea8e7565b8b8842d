"""What is asked of a stack, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mmfeat.fusion.fitting import EpochRecord, LoopOptions
from mmfeat.fusion.stacked.architectures import Architecture

Precision = Literal["float32", "tf32", "bfloat16", "float64"]
Running = Literal["eager", "graph"]


@dataclass(frozen=True)
class LossTerms:
    """Say what counts how much in a head's loss; everything counts alike where nothing is given.

    Shape:
        - ``offsets``: ``(views, cases, outputs)``, logits that the network adds to.
        - ``sample_weights``: ``(cases,)``; the validation part is not weighted.
        - ``view_weights``: ``(views,)``.
        - ``class_weights``: ``(columns, classes)`` from `balanced_class_weights`.
    """

    offsets: NDArray[np.float64] | None = None
    sample_weights: NDArray[np.float64] | None = None
    view_weights: NDArray[np.float64] | None = None
    class_weights: NDArray[np.float64] | None = None


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


@dataclass(frozen=True)
class Contrast:
    """Bring views of cases with one label together, instead of predicting the label."""

    balanced_pairs: bool = True
    """Weight pairs of cases by class."""


@dataclass(frozen=True)
class NetworkJob:
    """Ask for one head; two are equal only when they are the same object.

    Shape:
        - ``train``, ``val``: row numbers of the fold's cases, each with a label and a modality.
        - ``views``: ``(views, modalities)``, what is supervised; ``val_views``: what is scored.
    """

    name: str
    """Tells the heads of one call apart, in messages and in a saved state."""
    architecture: Architecture
    fold: int
    """Position in the list of folds."""
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
    score: Literal["auroc", "loss"] = "auroc"
    """Mean AUROC of the views, or the negative sum of their mean losses."""
    start_competes: bool = False
    """Let the weights before the first epoch win where no epoch has a higher score."""
    contrast: Contrast | None = None
    """The contrastive stage, where given; its score is always the negative loss."""
    terms: LossTerms = field(default_factory=LossTerms)
    rules: StepRules = field(default_factory=StepRules)
    start: Mapping[str, Tensor] | None = None
    """Weights to start from, instead of fresh ones from the seed."""


@dataclass(frozen=True)
class TrainedNetwork:
    """Hold one finished head.

    ``state`` has the best weights by their names in the module, on the CPU. ``failure`` says what
    went wrong where the loss or the score stopped being a number; the weights are then the best
    from before.
    """

    job: NetworkJob
    state: Mapping[str, Tensor]
    history: list[EpochRecord]
    best_epoch: int
    failure: str | None = None

    def network(self) -> torch.nn.Module:
        """Return the module with the trained weights, in evaluation mode."""
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
    heads_at_once: int | None = None
    """Largest stack; as many as fit on a GPU, or as are worth it on a CPU, where None."""
