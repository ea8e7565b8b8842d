"""The heads of one fold and target as one torch module, from plain features to answers."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from mmfeat.fusion.modality_sets import members_of
from mmfeat.fusion.portable.head_module import head_module
from mmfeat.fusion.portable.seen_sets import code_of, codes_of
from mmfeat.stages.predicting.fold_heads import FoldHeads
from mmfeat.stages.predicting.saved_outcomes import Baselines, SavedAnswers
from mmfeat.stages.training.cox_outcome import CoxOutcome
from mmfeat.stages.training.hazard_outcome import HazardOutcome
from mmfeat.stages.training.outcomes import NumberOutcome
from mmfeat.tabular.scaling import CLIP_SD
from mmfeat.tabular.vector_scaling import VectorScaling


class FoldModule(nn.Module):
    """Give the mean of the answers of a fold's heads, as users see them, before recalibration.

    Shape:
        - ``inputs``: for each modality ``(rows, width)``, float32: an embedding as it is stored,
          which is scaled here, or a record as the fold's encoder makes it; zeros where absent. The
          last one is bool ``(rows, modalities)``: what is there, something in each row.
        - Output: ``(rows, outputs)``, float64.
    """

    def __init__(self, heads: FoldHeads, target: str) -> None:
        super().__init__()
        fitted = heads.features.fitted
        self.outputs = heads.places[target]
        self.heads = nn.ModuleList(head_module(head) for head in heads.heads)
        self.answers = nn.ModuleList(AnswersModule(one[target]) for one in heads.answered)
        self.scalings = nn.ModuleList(
            ScalingModule(fitted.vectors[name]) if name in fitted.vectors else nn.Identity()
            for name in fitted.modalities
        )

    def forward(self, *inputs: Tensor) -> Tensor:
        """Return the answers."""
        visible = inputs[-1]
        features = [
            scaling(values) for scaling, values in zip(self.scalings, inputs[:-1], strict=True)
        ]
        codes = codes_of(visible)
        found = [
            answers(head(features, visible)[:, self.outputs], codes)
            for head, answers in zip(self.heads, self.answers, strict=True)
        ]
        return torch.stack(found).mean(0)


class ScalingModule(nn.Module):
    """Standardise vectors as a `VectorScaling` does."""

    mean: Tensor
    factor: Tensor

    def __init__(self, scaling: VectorScaling) -> None:
        super().__init__()
        divisor = np.where(scaling.sd > 0, scaling.sd, np.inf)  # a constant column becomes 0
        self.register_buffer("mean", torch.from_numpy(scaling.mean.copy()))
        self.register_buffer("factor", torch.from_numpy(1.0 / divisor))

    def forward(self, vectors: Float[Tensor, "rows width"]) -> Float[Tensor, "rows width"]:
        """Return the scaled vectors, float32."""
        scaled: Tensor = (vectors.double() - self.mean) * self.factor
        return scaled.clamp(-CLIP_SD, CLIP_SD).float()


class AnswersModule(nn.Module):
    """Read the answers of a head as its outcome does."""

    widths: Tensor
    baselines: Tensor

    def __init__(self, saved: SavedAnswers) -> None:
        super().__init__()
        self.outcome = saved.outcome
        if isinstance(saved.outcome, HazardOutcome):
            ends = np.array(saved.outcome.ends)
            self.places = [saved.outcome.ends.index(one) for one in saved.outcome.horizons]
            self.register_buffer("widths", torch.from_numpy(np.diff(ends, prepend=0.0)))
        if isinstance(saved.outcome, CoxOutcome):
            table = _by_code(saved.baselines or {}, len(saved.outcome.horizons))
            self.register_buffer("baselines", table)

    def forward(
        self, predicted: Float[Tensor, "rows outputs"], codes: Int[Tensor, " rows"]
    ) -> Float[Tensor, "rows names"]:
        """Return what users see: ``(rows, names of the outcome)``."""
        predicted = predicted.double()
        if isinstance(self.outcome, NumberOutcome):
            return self.outcome.mean + self.outcome.sd * predicted
        if isinstance(self.outcome, HazardOutcome):
            return self._of_hazards(predicted)
        if isinstance(self.outcome, CoxOutcome):
            risks = -torch.expm1(-predicted.exp() * self.baselines[codes])
            return torch.cat([risks, predicted], dim=1)
        return predicted

    def _of_hazards(self, hazards: Float[Tensor, "rows intervals"]) -> Float[Tensor, "rows names"]:
        survived = torch.log1p(-hazards).cumsum(1).exp()  # cumprod has no form in ONNX
        incidence = 1.0 - survived
        before = torch.cat([torch.zeros_like(incidence[:, :1]), incidence[:, :-1]], dim=1)
        lost = ((before + incidence) / 2 * self.widths).sum(1, keepdim=True)
        return torch.cat([incidence[:, self.places], lost], dim=1)


def _by_code(baselines: Baselines, n_horizons: int) -> Tensor:
    """Return ``(codes of sets, horizons)``; sets that cannot occur have zeros."""
    codes = {code_of(members_of(name)): values for name, values in baselines.items()}
    table = np.zeros((max(codes, default=0) + 1, n_horizons))
    for code, values in codes.items():
        table[code] = values
    return torch.from_numpy(table)


def example_inputs(widths: Sequence[int], *, n_rows: int) -> tuple[Tensor, ...]:
    """Return inputs of a `FoldModule`, drawn by a fixed seed, that show many sets of modalities.

    Args:
        widths: Of the modalities.
        n_rows: How many rows.
    """
    generator = torch.Generator().manual_seed(0)
    features = [torch.randn(n_rows, width, generator=generator) for width in widths]
    visible = torch.randint(0, 2, (n_rows, len(widths)), generator=generator).bool()
    visible[~visible.any(1), 0] = True
    return (*features, visible)
