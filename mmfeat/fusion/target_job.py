"""The network that is trained for the target, as methods that are one network ask for it."""

from dataclasses import dataclass
from typing import Literal

from mmfeat.fusion.contract import FitOptions, FoldData, learnable_parts
from mmfeat.fusion.imbalance import added_logits, as_offsets
from mmfeat.fusion.network_head import Design
from mmfeat.fusion.networks.network_inputs import NetworkInputs
from mmfeat.fusion.training.network_jobs import LossTerms, NetworkJob, StepRules, score_of
from mmfeat.fusion.views import training_views

Supervised = Literal["all", "random", "observed"]
"""Which sets of modalities a case is trained through: every one, one drawn for each case and batch,
or only what it has."""


@dataclass(frozen=True)
class TargetJob:
    """Hold the job, and what its head needs beside the trained network."""

    job: NetworkJob
    inputs: NetworkInputs
    added: tuple[float, ...]
    """Base rates that are added to the logits, one for each output; or none."""


def target_job(
    data: FoldData,
    design: Design,
    *,
    seed: int,
    options: FitOptions,
    supervised: Supervised = "all",
    reads_sets: bool = False,
    hides_cells: bool = True,
    takes_plain_steps: bool = False,
) -> TargetJob:
    """Make the job of one fold.

    Raises:
        TrainError: A part has no labelled case, the training part shows one class only, or there
            are no sets to read.
    """
    train, val = learnable_parts(data)
    inputs = NetworkInputs.of(data, reads_sets=reads_sets)
    views = training_views(len(data.modalities), seed=seed, n_sampled=options.sampled_views)
    base_rates = "never" if takes_plain_steps else options.base_rates
    added = added_logits(data.labels[train], data.task, base_rates)
    job = NetworkJob(
        "target",
        design(inputs, data.task),
        data,
        seed,
        train,
        val,
        views if supervised == "all" else views[-1:],
        options.loop(),
        options.dropout,
        val_views=views,
        draws_views=supervised == "random",
        hides_cells=hides_cells,
        reads_sets=reads_sets,
        score=score_of(data.task),
        rules=StepRules() if takes_plain_steps else options.rules(),
        terms=LossTerms(offsets=as_offsets(added, len(data.labels))),
    )
    return TargetJob(job, inputs, added)
