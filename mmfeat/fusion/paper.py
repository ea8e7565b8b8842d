"""Method `paper`: contrastive fusion with simultaneous modality dropout, and its ablations.

After Gu, Saito and Ma, MICCAI 2025 (arXiv 2509.18284): contrastive pre-training over unimodal and
fused views, then training for the target with every non-empty set of modalities supervised in every
batch (lambda = 1).

NOTE: we differ from the published code, each by a switch: tokens start from N(0, 0.02), not at
zero; the contrastive bias starts at the logit of the share of pairs that agree, not at -10; pairs
are balanced by class; the temperature is clamped; cases may lack modalities, and there may be any
number of them; cells of records are hidden in the second stage (`train.cell_dropout`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from mmfeat.errors import TrainError
from mmfeat.fusion.contract import (
    FitOptions,
    FoldData,
    Kind,
    check_learnable,
)
from mmfeat.fusion.contrastive_stage import pretrain
from mmfeat.fusion.fitting import EpochRecord, LoopOptions, fit_network, seeded
from mmfeat.fusion.paper_head import PaperHead, load_paper_head
from mmfeat.fusion.paper_network import PaperNetwork
from mmfeat.fusion.view_scores import mean_auroc_of_views
from mmfeat.fusion.viewed_cases import (
    ViewedCases,
    mean_over_each_view,
    viewed_cases,
)
from mmfeat.fusion.views import sample_views, training_views
from mmfeat.losses.task import label_losses


@dataclass(frozen=True)
class PaperMethod:
    """Train the paper's network; the switches make its ablations."""

    name: str
    summary: str
    supervised: Literal["all", "random", "observed"] = "all"
    """Every set of modalities, one drawn for each case and batch, or only what each case has."""
    learnable_tokens: bool = True
    token_deviation: float = 0.02
    """Deviation of the tokens' start; the published code has 0."""
    contrastive: bool = True
    published_bias: bool = False
    """Start the contrastive bias at -10, as published."""
    balanced_pairs: bool = True
    """Weight pairs of cases by class; the published loss does not."""
    uses_seed: bool = True

    def fit(
        self,
        data: FoldData,
        *,
        seed: int,
        options: FitOptions,
        device: str,
        should_stop: Callable[[], bool],
    ) -> PaperHead:
        """Train on the training part, stopping early on the validation part.

        Raises:
            TrainError: A part has no labelled case, or the training part shows one class only.
        """
        train_rows, val_rows = data.usable(data.train), data.usable(data.val)
        check_learnable(data, train_rows)
        if not len(val_rows):
            raise TrainError(
                "the validation part has no labelled case; raise `cohort.split.val_share`"
            )
        views = training_views(len(data.features), seed=seed)
        val = viewed_cases(data, val_rows, views, device)
        train = viewed_cases(
            data, train_rows, views if self.supervised == "all" else views[-1:], device
        )
        widths = {name: values.shape[1] for name, values in data.features.items()}
        loop = LoopOptions(
            **{field: getattr(options, field) for field in LoopOptions.__dataclass_fields__}
        )
        with seeded(seed, device) as generator:
            network = PaperNetwork(
                list(widths.values()),
                n_outputs=data.n_outputs,
                dropout=options.dropout,
                learnable_tokens=self.learnable_tokens,
                token_deviation=self.token_deviation,
            ).to(device)
            history: list[EpochRecord] = []
            if self.contrastive and options.contrastive_epochs and len(views) > 1:
                records = pretrain(
                    network,
                    train,
                    val,
                    kind=data.kind,
                    published_bias=self.published_bias,
                    balanced_pairs=self.balanced_pairs,
                    options=replace(loop, epochs=options.contrastive_epochs),
                    generator=generator,
                    should_stop=should_stop,
                )
                history += [{"stage": "contrastive", **record} for record in records]
            records = fit_network(
                network,
                n_rows=len(train),
                loss_on=lambda rows: self._loss(network, train.part(rows), data.kind, generator),
                score=lambda: _score(network, val, data.kind),
                options=loop,
                generator=generator,
                should_stop=should_stop,
            )
            history += [{"stage": "target", **record} for record in records]
        return PaperHead(
            self.name,
            data.kind,
            data.n_outputs,
            widths,
            self.learnable_tokens,
            network.cpu(),
            history,
        )

    def _loss(
        self, network: PaperNetwork, cases: ViewedCases, kind: Kind, generator: torch.Generator
    ) -> Tensor:
        """Sum over the views of the mean loss of the cases that take part in each."""
        cases = cases.with_gaps()
        view, row, visible = cases.pairs()
        if self.supervised == "random":
            visible = sample_views(visible, generator)
        labels = cases.labels[row]
        losses = label_losses(network(cases.features, row, visible), labels, kind)
        return mean_over_each_view(losses, labels, view, len(cases.takes_part)).sum()

    def load(self, folder: Path) -> PaperHead:
        """Read a head that ``save`` wrote."""
        return load_paper_head(folder, self.name)


def _score(network: PaperNetwork, val: ViewedCases, kind: Kind) -> float:
    view, row, visible = val.pairs()
    logits = network(val.features, row, visible).double().cpu().numpy()
    labels = val.labels[row].double().cpu().numpy()
    return mean_auroc_of_views(logits, labels, view.cpu().numpy(), kind)


PAPER = PaperMethod(
    "paper",
    "the published network: contrastive stage, then simultaneous modality dropout, tokens",
)
SMD_TOKEN = replace(
    PAPER,
    name="smd-token",
    summary="ablation: simultaneous modality dropout with tokens, no contrastive stage",
    contrastive=False,
)
SMD_ZERO = replace(
    SMD_TOKEN,
    name="smd-zero",
    summary="ablation: simultaneous modality dropout with zeros for absent modalities",
    learnable_tokens=False,
)
RANDOM_DROPOUT = replace(
    SMD_ZERO,
    name="random-dropout",
    summary="ablation: one random set of modalities for each case and step, zeros for the absent",
    supervised="random",
)
CONCAT_ZERO = replace(
    SMD_ZERO,
    name="concat-zero",
    summary="ablation: features joined as they are, zeros for absent modalities, nothing dropped",
    supervised="observed",
)
