"""The training loop of record encoders: index slices of tensors on the device."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from mmfeat.errors import Interrupted
from mmfeat.fusion.training.network_jobs import EpochRecord, LoopOptions


def fit_network(
    network: nn.Module,
    *,
    n_rows: int,
    loss_on: Callable[[Tensor], Tensor],
    score: Callable[[], float],
    options: LoopOptions,
    generator: torch.Generator,
    should_stop: Callable[[], bool],
    start_competes: bool = False,
) -> list[EpochRecord]:
    """Train with AdamW until the score stops rising; leave the best weights in place.

    Args:
        network: What is trained, already on its device.
        n_rows: Number of training rows; ``loss_on`` gets index slices of ``0 .. n_rows - 1``.
        loss_on: The loss of a batch of rows.
        score: The score of the validation part, higher is better; called in evaluation mode without
            gradients.
        options: Numbers of the loop.
        generator: Shuffles the rows.
        should_stop: Asked before every epoch.
        start_competes: Let the weights before the first epoch win where no epoch has a higher
            score: for networks that start from a good answer.

    Returns:
        One record for each epoch: its number, mean training loss and score; epoch 0 is the start.

    Raises:
        Interrupted: ``should_stop`` said so.
    """
    device = next(network.parameters()).device
    optimiser = _adamw(network, options)
    start_score = _score(network, score)
    history: list[EpochRecord] = [{"epoch": 0, "loss": float("nan"), "score": start_score}]
    best_score = start_score if start_competes else -math.inf
    best_weights, best_epoch = _copy(network), 0
    for epoch in range(1, options.epochs + 1):
        if should_stop():
            raise Interrupted("the head in training is lost, finished ones are kept")
        network.train()
        total = torch.zeros((), device=device)
        order = torch.randperm(n_rows, generator=generator).to(device)
        for first in range(0, n_rows, options.batch_size):
            rows = order[first : first + options.batch_size]
            loss = loss_on(rows)
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
            total += loss.detach() * len(rows)
        current = _score(network, score)
        history.append({"epoch": epoch, "loss": float(total) / n_rows, "score": current})
        if current > best_score:
            best_score, best_epoch, best_weights = current, epoch, _copy(network)
        elif epoch - best_epoch >= options.patience:
            break
    network.load_state_dict(best_weights)
    network.eval()
    return history


def _adamw(network: nn.Module, options: LoopOptions) -> torch.optim.AdamW:
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    # Scales, shifts and tokens are not decayed: zero is no better a place for them than any other.
    groups = [
        {"params": [p for p in trained if p.ndim > 1], "weight_decay": options.weight_decay},
        {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=options.learning_rate, fused=True)


@torch.no_grad()
def _score(network: nn.Module, score: Callable[[], float]) -> float:
    network.eval()
    return score()


def _copy(network: nn.Module) -> dict[str, Tensor]:
    return {name: values.detach().clone() for name, values in network.state_dict().items()}
