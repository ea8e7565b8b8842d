"""Methods that train one network on its views, without a stage before."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mmfeat.fusion.contract import FitOptions, FoldData
from mmfeat.fusion.network_head import Design, NetworkHead, load_network_head
from mmfeat.fusion.target_job import target_job
from mmfeat.fusion.training.network_jobs import NetworkJob, TrainedNetwork

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
        asked = target_job(
            data,
            self.design,
            seed=seed,
            options=options,
            supervised="random" if self.draws_views else "all",
            reads_sets=self.reads_sets,
        )
        (trained,) = yield [asked.job]
        return NetworkHead(
            self.name,
            data.task,
            asked.inputs,
            trained.network(),
            trained.history,
            trained.validation,
            asked.added,
        )

    def load(self, folder: Path) -> NetworkHead:
        """Read a head that ``save`` wrote."""
        return load_network_head(folder, self.name, self.design)
