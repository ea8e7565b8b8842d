"""The contrastive stage with a memory of earlier batches."""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn

from mmfeat.fusion.task import Task
from mmfeat.fusion.training.contrast_labels import contrast_kind, contrast_labels
from mmfeat.fusion.training.contrastive_stage import D_PROJECTION, temperature_of
from mmfeat.fusion.training.network_jobs import Contrast
from mmfeat.fusion.training.viewed_cases import ViewedCases
from mmfeat.losses.memory_bank import MemoryBank, banked_contrastive_loss


class BankedContrast:
    """Compare each batch with itself and with the cases of the batches before it.

    A batch is put into the bank when the next one comes: after the step that it led to.
    """

    def __init__(self, task: Task, contrast: Contrast, *, n_views: int, device: str) -> None:
        self._task, self._contrast = task, contrast
        self._bank = MemoryBank.empty(
            n_views=n_views,
            size=contrast.bank,
            dim=D_PROJECTION,
            n_columns=contrast_labels(task, torch.zeros(1, task.n_columns)).shape[1],
            device=device,
        )
        self._last: tuple[Tensor, Tensor, Tensor, Tensor] | None = None

    def loss(self, network: nn.Module, cases: ViewedCases) -> Float[Tensor, ""]:
        """Return the loss over all pairs of views of a training batch, and of it with the bank."""
        self._remember_last()
        _, row, visible = cases.pairs()
        views = cases.spread(network(cases.features, row, visible))
        labels = contrast_labels(self._task, cases.labels)
        self._last = views.detach(), cases.takes_part, labels, cases.numbers
        return banked_contrastive_loss(
            *(views, cases.takes_part, labels, cases.numbers),
            self._bank,
            kind=contrast_kind(self._task),
            temperature=temperature_of(network.get_parameter("log_temperature"), self._contrast),
            bias=network.get_parameter("bias"),
            balanced_pairs=self._contrast.balanced_pairs,
        )

    def state(self) -> dict[str, Tensor]:
        """Return the bank with the last batch in it, between two steps."""
        self._remember_last()
        return {name: values.cpu() for name, values in self._bank.state().items()}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on from what ``state`` returned."""
        device = self._bank.queues[0].cases.device
        self._bank = MemoryBank.of_state({n: values.to(device) for n, values in tensors.items()})
        self._last = None

    def _remember_last(self) -> None:
        if self._last is not None:
            self._bank = self._bank.with_batch(*self._last)
            self._last = None
