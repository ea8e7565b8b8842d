"""The training loop of one network: index slices of tensors on the device, no DataLoader."""

import time
from collections.abc import Callable
from pathlib import Path

import torch

from mmfeat.errors import Interrupted
from mmfeat.fusion.training.epochs import Epochs
from mmfeat.fusion.training.lone_network import LoneNetwork
from mmfeat.fusion.training.network_jobs import NetworkJob, OnEpoch, TrainedNetwork, tell_nobody
from mmfeat.fusion.training.saved_networks import BETWEEN_SAVES_S, SavedNetworks
from mmfeat.fusion.training.seeding import seeded


def train_alone(
    job: NetworkJob,
    *,
    device: str,
    should_stop: Callable[[], bool],
    on_epoch: OnEpoch = tell_nobody,
    unfinished: Path | None = None,
) -> TrainedNetwork:
    """Train a network until its score stops rising, and give the weights of the best epoch.

    Args:
        job: What is asked for.
        device: Where.
        should_stop: Asked before every epoch.
        on_epoch: Told of every epoch.
        unfinished: Folder for the state of networks; where it holds this one's, it goes on from
            there, and ends with the same weights as if nothing had been.

    Raises:
        Interrupted: ``should_stop`` said so.
        TrainError: The state in ``unfinished`` is of something else, or damaged.
    """
    saved = None if unfinished is None else SavedNetworks(unfinished, "alone")
    found = None if saved is None else saved.load(job)
    if found is not None and found[0].is_finished:
        return _finished(job, *found)
    with seeded(job.seed, device) as generator:
        network = LoneNetwork(job, device, generator)
        if found is None:
            epochs = Epochs(job.loop, job.start_competes)
            epochs.start(network.verdict())
        else:
            epochs = found[0]
            network.restore(found[1])
        _run(network, epochs, saved, should_stop=should_stop, on_epoch=on_epoch)
        tensors = network.best()
    if saved is not None:
        saved.save(job, epochs, tensors)
    return _finished(job, epochs, tensors)


def _run(
    network: LoneNetwork,
    epochs: Epochs,
    saved: SavedNetworks | None,
    *,
    should_stop: Callable[[], bool],
    on_epoch: OnEpoch,
) -> None:
    saved_at = time.monotonic()
    while not epochs.is_finished:
        stops = should_stop()
        if saved is not None and (stops or time.monotonic() - saved_at > BETWEEN_SAVES_S):
            saved.save(network.job, epochs, network.state())
            saved_at = time.monotonic()
        if stops:
            raise Interrupted("the head in training is lost unless its state is kept")
        if epochs.add(network.run_epoch(), network.verdict()):
            network.keep_as_best()
        on_epoch(network.job, epochs.history[-1])


def _finished(job: NetworkJob, epochs: Epochs, tensors: dict[str, torch.Tensor]) -> TrainedNetwork:
    start = "best."
    state = {n.removeprefix(start): v for n, v in tensors.items() if n.startswith(start)}
    return TrainedNetwork(job, state, epochs.history, epochs.best_epoch, epochs.failure)
