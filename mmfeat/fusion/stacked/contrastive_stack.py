"""The contrastive stage of the paper's training, many heads at once."""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from mmfeat.fusion.contrastive_stage import ContrastiveNetwork
from mmfeat.fusion.fitting import seeded
from mmfeat.fusion.network_jobs import Contrast
from mmfeat.fusion.stacked.architectures import Parameters
from mmfeat.fusion.stacked.batched_layers import linear
from mmfeat.fusion.stacked.batches import StackedBatch
from mmfeat.fusion.stacked.head_numbers import TermWeights
from mmfeat.fusion.stacked.hidden_units import HiddenUnits
from mmfeat.fusion.stacked.objective import CasesBetween, outputs_of
from mmfeat.fusion.stacked.pair_losses import agreements, balanced_weights, contrastive_losses
from mmfeat.fusion.stacked.paper_stack import PaperArchitecture
from mmfeat.losses.contrastive import Kind, clamped_temperature

_NETWORK = "network."
_CASES_SCORED = 2048
"""Pairs grow with the square of the cases: the score is of the first so many."""


@dataclass(frozen=True)
class ContrastiveArchitecture:
    """Describe paper networks with a projection head: the outputs are projections."""

    paper: PaperArchitecture

    @property
    def widest_hidden(self) -> int:
        """Return that of the paper's network."""
        return self.paper.widest_hidden

    @property
    def n_hiding_layers(self) -> int:
        """Return that of the paper's network."""
        return self.paper.n_hiding_layers

    def build(self) -> ContrastiveNetwork:
        """Build one network, with a bias of zero."""
        network = ContrastiveNetwork(self.paper.build(), bias=0.0)
        # No projection goes through it: it is neither trained nor decayed in this stage.
        network.network.classifier.requires_grad_(False)
        return network

    def outputs(
        self, parameters: Parameters, batch: StackedBatch, hide: HiddenUnits | None
    ) -> Float[Tensor, "heads views batch dim"]:
        """Return the projections of every head."""
        hidden = self.paper.represent(network_part(parameters), batch, hide)
        first, last = (
            (parameters[f"projection.{n}.weight"], parameters[f"projection.{n}.bias"])
            for n in (0, 2)
        )
        return linear(functional.relu(linear(hidden, *first)), *last)


def start_of_contrast(
    architecture: ContrastiveArchitecture, *, seed: int, bias: float
) -> dict[str, Tensor]:
    """Return what a head starts from: the weights of its seed, and the bias of its labels."""
    with seeded(seed, "cpu"):
        return ContrastiveNetwork(architecture.paper.build(), bias=bias).state_dict()


def network_part(state: Parameters) -> dict[str, Tensor]:
    """Return the paper network's part: what the second stage starts from."""
    return {
        name.removeprefix(_NETWORK): values
        for name, values in state.items()
        if name.startswith(_NETWORK)
    }


@dataclass(frozen=True)
class ContrastiveObjective:
    """Bring views of cases with one label together."""

    architecture: ContrastiveArchitecture
    kind: Kind
    contrast: Contrast

    def losses(
        self,
        parameters: Parameters,
        batch: StackedBatch,
        hide: HiddenUnits | None,
        weights: TermWeights,  # noqa: ARG002  # of a task; pairs have their own weights
    ) -> Float[Tensor, " heads"]:
        """Return each head's loss over all pairs of views of a batch."""
        projected = outputs_of(self.architecture, parameters, batch, hide)
        agreement = agreements(batch.labels, self.kind)
        takes_part = batch.weights > 0
        of_pairs = None
        if self.contrast.balanced_pairs:
            # What fills up a batch takes part in no view, every other case in at least one.
            of_pairs = balanced_weights(batch.labels, agreement, takes_part.any(1), self.kind)
        return contrastive_losses(
            projected,
            takes_part,
            agreement,
            temperature=clamped_temperature(parameters["log_temperature"]),
            bias=parameters["bias"],
            weights=of_pairs,
        )

    def scores(
        self,
        parameters: Parameters,
        cases: CasesBetween,
        n_cases: int,
        n_at_once: int,  # noqa: ARG002  # pairs are of all cases
        weights: TermWeights,
    ) -> Float[Tensor, " heads"]:
        """Return the negative loss of the first validation cases."""
        batch = cases(0, min(n_cases, _CASES_SCORED))
        return -self.losses(parameters, batch, None, weights)
