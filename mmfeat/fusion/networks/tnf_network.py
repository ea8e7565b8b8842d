"""TNF: a classifier for each modality and one for all together, whose answers are averaged.

After Zheng et al., "TNF: Tri-branch Neural Fusion for Multimodal Medical Data Classification"
(arXiv 2403.01802).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional

from mmfeat.fusion.mean_answers import mean_answers
from mmfeat.fusion.networks.cheap_dropout import CheapDropout
from mmfeat.fusion.networks.modality_tokens import ModalityTokens, replace_absent
from mmfeat.fusion.task import Task


class TnfNetwork(nn.Module):
    """Answer with a branch for each modality and a fused branch.

    In training, a view of one modality is answered by that modality's branch, and a view of several
    by the fused branch: where every view is supervised, the sum over the views is the published sum
    of the losses of the branches. In evaluation, a view of several modalities is answered by the
    mean of the likelihoods of the fused branch and the branches of what is visible.

    What is added to the logits (base rates) is added to those of the mean.

    NOTE: published for an image and a table; here there is a branch for each of any number of
    modalities, and in the fused branch learnable tokens stand in for what is absent.

    Shape:
        - ``features``: for each modality ``(batch, width)``.
        - ``rows``: ``(pairs,)``, the row of the batch that each pair of case and view is about.
        - ``visible``: ``(pairs, modalities)``, what the view leaves of the case.
        - Output: ``(pairs, n_outputs)``: logits, in evaluation those of the mean likelihood.

    Example:
        >>> network = TnfNetwork([3, 2], Task.single("binary"), dropout=0.0).eval()
        >>> features, visible = [torch.ones(1, 3), torch.ones(1, 2)], torch.ones(1, 2).bool()
        >>> network(features, torch.tensor([0]), visible).shape
        torch.Size([1, 1])
    """

    def __init__(
        self, widths: Sequence[int], task: Task, *, dropout: float, d_hidden: int = 128
    ) -> None:
        super().__init__()
        self.task = task
        self.norms = nn.ModuleList(nn.LayerNorm(width) for width in widths)
        self.projections = nn.ModuleList(nn.Linear(width, d_hidden) for width in widths)
        self.dropouts = nn.ModuleList(CheapDropout(dropout) for _ in widths)
        self.branches = nn.ModuleList(nn.Linear(d_hidden, task.n_outputs) for _ in widths)
        self.tokens = ModalityTokens([d_hidden] * len(widths))
        self.fused_hidden = nn.Linear(len(widths) * d_hidden, d_hidden)
        self.fused_dropout = CheapDropout(dropout)
        self.fused_branch = nn.Linear(d_hidden, task.n_outputs)

    def forward(
        self,
        features: Sequence[Float[Tensor, "batch _"]],
        rows: Int[Tensor, " pairs"],
        visible: Bool[Tensor, "pairs modalities"],
    ) -> Float[Tensor, "pairs outputs"]:
        """Return the logits of each pair of case and view."""
        answers, filled = [], []
        layers = zip(self.norms, self.projections, self.dropouts, self.branches, strict=True)
        for modality, (norm, projection, dropout, branch) in enumerate(layers):
            hidden = dropout(functional.relu(projection(norm(features[modality]))))
            answers.append(branch(hidden)[rows])
            filled.append(replace_absent(hidden[rows], self.tokens[modality], visible[:, modality]))
        joint = functional.relu(self.fused_hidden(torch.cat(filled, dim=1)))
        answers.append(self.fused_branch(self.fused_dropout(joint)))
        several = visible.sum(1, keepdim=True) > 1
        if self.training:
            asked = torch.cat([visible & ~several, several], dim=1)
            chosen = torch.stack(answers, dim=1)[asked]  # one answer for each pair
            return chosen.view(len(rows), -1)
        return mean_answers(torch.stack(answers), torch.cat([visible, several], dim=1).T, self.task)


@dataclass(frozen=True)
class TnfArchitecture:
    """Describe such a network."""

    widths: tuple[int, ...]
    task: Task

    def build(self, dropout: float = 0.0) -> TnfNetwork:
        """Build one network."""
        return TnfNetwork(self.widths, self.task, dropout=dropout)
