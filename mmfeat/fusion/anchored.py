"""Method `mmfeat`, the default: anchored fusion.

Regularised linear models of the single modalities, stacked for each set of modalities, and a joint
one of each set are the anchor. Networks that see the modalities together learn what is to be added
to the anchor's logit. How much of it is added is decided for each set on patients the networks have
not seen, and it is nothing unless it helps there. So the answer is as good as the linear models
where there is little to learn from, and better where there is something to gain.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from mmfeat.fusion.anchored_head import AnchoredHead, load_anchored_head
from mmfeat.fusion.contract import Course, FitOptions, FoldData
from mmfeat.fusion.linear_models.anchor import WHOLE_ANCHOR, AnchorDesign, fit_anchor
from mmfeat.fusion.linear_models.unimodal import unimodal_models
from mmfeat.fusion.network_head import Design
from mmfeat.fusion.networks.architectures import Architecture
from mmfeat.fusion.networks.network_inputs import NetworkInputs
from mmfeat.fusion.residual import ResidualDesign, residual_course
from mmfeat.fusion.stacked.residual_stack import ResidualArchitecture
from mmfeat.fusion.task import Task
from mmfeat.fusion.training.network_jobs import ExtraLoss
from mmfeat.fusion.views import training_views


def residual_design(inputs: NetworkInputs, task: Task) -> Architecture:
    """Return the network of the default method."""
    return inputs.behind_pooling(ResidualArchitecture(inputs.after_pooling, task.n_outputs))


@dataclass(frozen=True)
class AnchoredMethod:
    """Fit the anchor on the training and validation parts, the residual on inner folds of them."""

    name: str
    summary: str
    design: Design = residual_design
    anchor: AnchorDesign = WHOLE_ANCHOR
    extra: ExtraLoss | None = None
    """What the residual is trained on beside the task's loss."""
    reads_sets: bool = False
    """Pool the sets of modalities that have them by attention, in the residual's networks."""
    uses_seed: bool = True
    uses_linear: bool = True
    has_cox: bool = False

    def course(self, data: FoldData, *, seed: int, options: FitOptions) -> Course:
        """Fit the anchor, ask for the networks of the inner folds, and choose their shares.

        Raises:
            TrainError: There is nothing to learn from, or there are no sets to read.
        """
        inputs = NetworkInputs.of(data, reads_sets=self.reads_sets)
        single = unimodal_models(data)
        yield ()
        views = training_views(len(data.modalities), seed=seed, n_sampled=options.sampled_views)
        anchor = fit_anchor(data, single, views, self.anchor)
        design = ResidualDesign(self.design(inputs, data.task), self.reads_sets, self.extra)
        residual = yield from residual_course(
            data, single, anchor, views, design, seed=seed, options=options
        )
        return AnchoredHead(
            self.name,
            data.task,
            inputs,
            anchor,
            residual.networks if any(residual.shares.values()) else (),
            residual.shares,
            residual.history,
            residual.validation,
            residual.unseen,
        )

    def load(self, folder: Path) -> AnchoredHead:
        """Read a head that ``save`` wrote."""
        return load_anchored_head(folder, self.name, self.design)


METHOD = AnchoredMethod(
    "mmfeat",
    "anchored fusion: stacked linear models, plus what a network adds to them on unseen patients",
)
ATTENTION = replace(
    METHOD,
    name="mmfeat-attention",
    summary="`mmfeat` whose networks see tokens or sets of scans, pooled by attention",
    reads_sets=True,
)
