"""Run the courses of methods: train the networks that they ask for, and give their heads."""

from collections.abc import Callable, Sequence
from pathlib import Path

from mmfeat.errors import TrainError
from mmfeat.fusion.contract import FitOptions, FoldData, Head, Method
from mmfeat.fusion.stacked.grouping import can_be_stacked
from mmfeat.fusion.stacked.training import train_stack
from mmfeat.fusion.training.alone import train_alone
from mmfeat.fusion.training.going_head import GoingHead, HeadRequest
from mmfeat.fusion.training.network_jobs import (
    NetworkJob,
    OnEpoch,
    StackOptions,
    TrainedNetwork,
    tell_nobody,
)

__all__ = ["HeadRequest", "fit_head", "fit_heads", "never"]


def never() -> bool:
    """Return False: nobody asks to stop."""
    return False


def fit_head(
    method: Method,
    data: FoldData,
    *,
    seed: int,
    options: FitOptions,
    device: str = "cpu",
    should_stop: Callable[[], bool] = never,
    name: str = "head",
    on_epoch: OnEpoch = tell_nobody,
    unfinished: Path | None = None,
) -> Head:
    """Fit one head, its networks one after the other.

    Args:
        method: How.
        data: What is learnt from.
        seed: Of everything random.
        options: Numbers of the training of networks.
        device: Where networks are trained.
        should_stop: Asked before every epoch, and between rounds of networks.
        name: Tells the head apart from others, also in ``unfinished``.
        on_epoch: Told of every epoch of every network.
        unfinished: Folder for the state of networks, from which an interrupted head goes on.

    Raises:
        TrainError: There is nothing to learn from, or a network's loss stopped being a number.
        Interrupted: ``should_stop`` said so.
    """
    going = GoingHead(HeadRequest(name, method, data, seed, options))
    head = going.advance(should_stop)
    while head is None:
        for job in going.jobs:
            going.take(
                train_alone(
                    job,
                    device=device,
                    should_stop=should_stop,
                    on_epoch=on_epoch,
                    unfinished=unfinished,
                )
            )
        head = going.advance(should_stop)
    going.forget(unfinished)
    return head


def fit_heads(
    requests: Sequence[HeadRequest],
    *,
    on_finished: Callable[[HeadRequest, Head], None],
    on_failed: Callable[[HeadRequest, TrainError], None],
    device: str = "cpu",
    should_stop: Callable[[], bool] = never,
    on_epoch: OnEpoch = tell_nobody,
    unfinished: Path | None = None,
    options: StackOptions | None = None,
) -> None:
    """Fit many heads together: networks that all of them ask for next are trained as stacks.

    Args:
        requests: Which heads, those of one fold side by side; their names must differ.
        on_finished: Told of each head as soon as it is there, so that it can be stored.
        on_failed: Told of each head that cannot be fitted, and why; the others go on.
        device: Where networks are trained.
        should_stop: Asked before every epoch.
        on_epoch: Told of every epoch of every network.
        unfinished: Folder for the state of networks, from which interrupted heads go on.
        options: How stacks are run.

    Raises:
        TrainError: A state in ``unfinished`` is of something else, or damaged.
        Interrupted: ``should_stop`` said so; heads that were finished have been told.
        ValueError: Two heads have one name.
    """
    _check_names(requests)
    going: dict[str, GoingHead] = {}

    def advance(head: GoingHead) -> None:
        try:
            finished = head.advance(should_stop)
        except TrainError as error:
            on_failed(head.request, error)
            head.forget(unfinished)
            return
        if finished is None:
            going.update({job.name: head for job in head.jobs})
        else:
            on_finished(head.request, finished)
            head.forget(unfinished)

    def take(trained: TrainedNetwork) -> None:
        head = owners[trained.job.name]
        if head.take(trained):
            advance(head)

    for request in requests:
        advance(GoingHead(request))
    while going:
        owners, going = going, {}
        jobs = [job for head in dict.fromkeys(owners.values()) for job in head.jobs]
        _train_round(
            jobs,
            options or StackOptions(),
            device=device,
            should_stop=should_stop,
            on_finished=take,
            on_epoch=on_epoch,
            unfinished=unfinished,
        )


def _train_round(
    jobs: Sequence[NetworkJob],
    options: StackOptions,
    *,
    device: str,
    should_stop: Callable[[], bool],
    on_finished: Callable[[TrainedNetwork], None],
    on_epoch: OnEpoch,
    unfinished: Path | None,
) -> None:
    """Train what can be stacked as stacks, and the rest one by one."""
    train_stack(
        [job for job in jobs if can_be_stacked(job)],
        options=options,
        device=device,
        should_stop=should_stop,
        on_finished=on_finished,
        on_epoch=on_epoch,
        unfinished=unfinished,
    )
    for job in jobs:
        if not can_be_stacked(job):
            on_finished(
                train_alone(
                    job,
                    device=device,
                    should_stop=should_stop,
                    on_epoch=on_epoch,
                    unfinished=unfinished,
                )
            )


def _check_names(requests: Sequence[HeadRequest]) -> None:
    names = [request.name for request in requests]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"names of heads must differ, but `{twice}` occurs twice")
