"""Where each head of a stack takes its cases from, and through which views it sees them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Int
from numpy.typing import NDArray
from torch import Tensor

from mmfeat.fusion.stacked.batches import StackedBatch
from mmfeat.fusion.stacked.cohort import StackedCohort
from mmfeat.fusion.stacked.counters import StepRandom
from mmfeat.fusion.stacked.drawn_views import drawn
from mmfeat.fusion.training.network_jobs import NetworkJob
from mmfeat.fusion.views import visible_through


@dataclass(frozen=True)
class HeadCases:
    """Hold what turns row numbers of each head into a batch.

    Shape:
        - ``features_of``, ``labels_of``: ``(heads,)``, which of the cohort's sets is the head's.
        - ``views``: ``(heads, views, modalities)``; ``takes_part``: ``(heads, cases, views)``.
        - ``offsets``: ``(heads, cases, views, outputs)`` or None.
        - ``sample_weights``: ``(heads, cases)`` or None.
    """

    features_of: Int[Tensor, " heads"]
    labels_of: Int[Tensor, " heads"]
    views: Bool[Tensor, "heads views modalities"]
    takes_part: Bool[Tensor, "heads cases views"]
    offsets: Tensor | None
    sample_weights: Tensor | None

    def batch(
        self,
        cohort: StackedCohort,
        rows: Int[Tensor, "heads batch"],
        valid: Bool[Tensor, "heads batch"],
        *,
        draw_with: StepRandom | None = None,
        hide_with: StepRandom | None = None,
    ) -> StackedBatch:
        """Gather the cases of each head.

        Args:
            cohort: What all heads share.
            rows: Which cases.
            valid: False where a row only fills up the batch; it gets no weight.
            draw_with: What is random in the step, where each case is to show one random set.
            hide_with: What is random in the step, where cells of records are to be hidden.
        """
        n_cases = cohort.n_cases
        of_features = self.features_of[:, None] * n_cases + rows
        of_labels = self.labels_of[:, None] * n_cases + rows
        heads = torch.arange(len(rows), device=rows.device)
        of_heads = heads[:, None] * n_cases + rows
        present = _taken(cohort.present, of_features)
        visible = self.views[:, :, None] & present[:, None]  # (heads, views, batch, modalities)
        if draw_with is not None:
            visible = drawn(visible, draw_with)
        counts = _taken(self.takes_part, of_heads) & valid[..., None]
        weights = counts.to(cohort.labels.dtype).transpose(1, 2)
        if self.sample_weights is not None:
            weights = weights * _taken(self.sample_weights[..., None], of_heads).transpose(1, 2)
        offsets = self.offsets
        if offsets is not None:
            offsets = _taken(offsets.flatten(2), of_heads).view(*rows.shape, *offsets.shape[2:])
            offsets = offsets.transpose(1, 2)
        features = [_taken(values, of_features) for values in cohort.features]
        if hide_with is not None:
            features = self._with_gaps(features, present, cohort, hide_with)
        return StackedBatch(
            features,
            visible,
            weights,
            _taken(cohort.labels, of_labels),
            offsets,
        )

    def _with_gaps(
        self,
        features: list[Tensor],
        present: Bool[Tensor, "heads batch modalities"],
        cohort: StackedCohort,
        random: StepRandom,
    ) -> list[Tensor]:
        return [
            values
            if gaps is None
            else gaps.hide(
                values, present[..., number], sets=self.features_of, random=random, modality=number
            )
            for number, (values, gaps) in enumerate(zip(features, cohort.gaps, strict=True))
        ]


def _taken(values: Tensor, rows: Int[Tensor, "heads batch"]) -> Tensor:
    """Take rows of ``(sets, cases, width)`` by their place among all sets' cases."""
    return values.flatten(0, 1).index_select(0, rows.flatten()).view(*rows.shape, -1)


def head_cases(jobs: Sequence[NetworkJob], cohort: StackedCohort, *, is_train: bool) -> HeadCases:
    """Return what the heads are trained on or, without weights of cases, scored on."""
    device, dtype = cohort.labels.device, cohort.labels.dtype
    features_of = [cohort.features_of[job.data] for job in jobs]
    views = [job.views if is_train else job.scored_views for job in jobs]
    takes_part: dict[tuple[int, bytes], Tensor] = {}
    keys = [
        (position, of_head.tobytes()) for position, of_head in zip(features_of, views, strict=True)
    ]
    for key, of_head in zip(keys, views, strict=True):
        if key not in takes_part:
            takes_part[key] = _takes_part(of_head, cohort.present[key[0]])
    offsets = [job.terms.offsets for job in jobs]
    weights = [job.terms.sample_weights if is_train else None for job in jobs]
    return HeadCases(
        torch.tensor(features_of, device=device),
        torch.tensor([cohort.labels_of[job.data] for job in jobs], device=device),
        torch.from_numpy(np.stack(views)).to(device),
        torch.stack([takes_part[key] for key in keys]),
        _stacked([None if o is None else o.swapaxes(0, 1) for o in offsets], device, dtype),
        _stacked(weights, device, dtype),
    )


def _takes_part(
    views: NDArray[np.bool_], present: Bool[Tensor, "cases modalities"]
) -> Bool[Tensor, "cases views"]:
    # A case without any modality is in no head's rows; it only has to be something here.
    something = present | ~present.any(dim=1, keepdim=True)
    _, takes_part = visible_through(torch.from_numpy(views).to(present.device), something)
    return takes_part.T.contiguous()


def _stacked(
    arrays: Sequence[NDArray[np.float64] | None], device: torch.device, dtype: torch.dtype
) -> Tensor | None:
    given = [array for array in arrays if array is not None]
    if not given:
        return None
    return torch.from_numpy(np.stack(given)).to(device, dtype)
