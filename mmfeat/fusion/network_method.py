"""Methods that train one network on its views, without a stage before."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mmfeat.fusion.contract import FitOptions, FoldData, learnable_parts
from mmfeat.fusion.imbalance import added_logits, as_offsets
from mmfeat.fusion.network_head import Design, NetworkHead, load_network_head
from mmfeat.fusion.networks.network_inputs import NetworkInputs
from mmfeat.fusion.training.network_jobs import LossTerms, NetworkJob, TrainedNetwork, score_of
from mmfeat.fusion.views import training_views

NetworkCourse = Generator[Sequence[NetworkJob], Sequence[TrainedNetwork], NetworkHead]
"""The way to a head that is one network."""


@dataclass(frozen=True)
class NetworkMethod:
    """Train the network of a design, stopping early on the validation part."""

    name: str
    summary: str
    design: Design
    draws_views: bool = False
    """Show each case one random set of its modalities in each step, not all of them."""
    reads_sets: bool = False
    """Pool the sets of modalities that have them by attention."""
    uses_seed: bool = True
    uses_linear: bool = False
    has_cox: bool = True

    def course(self, data: FoldData, *, seed: int, options: FitOptions) -> NetworkCourse:
        """Ask for the network.

        Raises:
            TrainError: A part has no labelled case, the training part shows one class only, or
                there are no sets to read.
        """
        train, val = learnable_parts(data)
        inputs = NetworkInputs.of(data, reads_sets=self.reads_sets)
        views = training_views(len(data.modalities), seed=seed, n_sampled=options.sampled_views)
        added = added_logits(data.labels[train], data.task, options.base_rates)
        job = NetworkJob(
            "target",
            self.design(inputs, data.task),
            data,
            seed,
            train,
            val,
            views[-1:] if self.draws_views else views,
            options.loop(),
            options.dropout,
            val_views=views,
            draws_views=self.draws_views,
            hides_cells=True,
            reads_sets=self.reads_sets,
            score=score_of(data.task),
            rules=options.rules(),
            terms=LossTerms(offsets=as_offsets(added, len(data.labels))),
        )
        (trained,) = yield [job]
        return NetworkHead(
            self.name,
            data.task,
            inputs,
            trained.network(),
            trained.history,
            trained.validation,
            added,
        )

    def load(self, folder: Path) -> NetworkHead:
        """Read a head that ``save`` wrote."""
        return load_network_head(folder, self.name, self.design)
