"""The first stage of the paper's training: views of cases with one label are brought together."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from mmfeat.fusion.contract import Kind
from mmfeat.fusion.fitting import EpochRecord, LoopOptions, fit_network
from mmfeat.fusion.paper_network import PaperNetwork
from mmfeat.fusion.viewed_cases import ViewedCases
from mmfeat.losses.contrastive import (
    PUBLISHED_BIAS,
    clamped_temperature,
    label_agreement,
    pair_weights,
    starting_bias,
    views_contrastive_loss,
)

_D_PROJECTION = 128
_STARTING_TEMPERATURE = 10.0
_CASES_FOR_BIAS = 2048


class ContrastiveNetwork(nn.Module):
    """Put a projection head, a temperature and a bias on a network; only the network is kept."""

    def __init__(self, network: PaperNetwork, *, bias: float) -> None:
        super().__init__()
        self.network = network
        self.projection = nn.Sequential(
            nn.Linear(network.d_hidden, network.d_hidden),
            nn.ReLU(),
            nn.Linear(network.d_hidden, _D_PROJECTION),
        )
        self.log_temperature = nn.Parameter(torch.tensor(math.log(_STARTING_TEMPERATURE)))
        self.bias = nn.Parameter(torch.tensor(bias))

    def loss(self, cases: ViewedCases, kind: Kind, *, balanced_pairs: bool) -> Tensor:
        """Return the contrastive loss over all pairs of views of a batch: a scalar."""
        view, row, visible = cases.pairs()
        projected = self.projection(self.network.represent(cases.features, row, visible))
        views = projected.new_zeros((*cases.takes_part.shape, _D_PROJECTION))
        views = views.index_put((view, row), projected)  # (views, batch, d_projection)
        agreement = label_agreement(cases.labels, kind)
        loss: Tensor = views_contrastive_loss(
            views,
            cases.takes_part,
            agreement,
            temperature=clamped_temperature(self.log_temperature),
            bias=self.bias,
            weights=pair_weights(cases.labels, agreement, kind) if balanced_pairs else None,
        )
        return loss


def pretrain(
    network: PaperNetwork,
    train: ViewedCases,
    val: ViewedCases,
    *,
    kind: Kind,
    published_bias: bool,
    balanced_pairs: bool,
    options: LoopOptions,
    generator: torch.Generator,
    should_stop: Callable[[], bool],
) -> list[EpochRecord]:
    """Train the network by the contrastive loss, stopping early on that of the validation part."""
    some = train.labels[:_CASES_FOR_BIAS]
    agreement = label_agreement(some, kind)
    weights = pair_weights(some, agreement, kind) if balanced_pairs else None
    bias = PUBLISHED_BIAS if published_bias else starting_bias(agreement, weights)
    contrastive = ContrastiveNetwork(network, bias=bias).to(train.labels.device)
    watched = val.part(torch.arange(min(len(val), _CASES_FOR_BIAS), device=val.labels.device))
    return fit_network(
        contrastive,
        n_rows=len(train),
        loss_on=lambda rows: contrastive.loss(
            train.part(rows), kind, balanced_pairs=balanced_pairs
        ),
        score=lambda: -float(contrastive.loss(watched, kind, balanced_pairs=balanced_pairs)),
        options=options,
        generator=generator,
        should_stop=should_stop,
    )
