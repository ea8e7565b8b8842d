"""Method `paper`: contrastive fusion with simultaneous modality dropout, and its ablations.

After Gu, Saito and Ma, MICCAI 2025 (arXiv 2509.18284): contrastive pre-training over unimodal and
fused views, then training for the target with every non-empty set of modalities supervised in every
batch (lambda = 1).

NOTE: we differ from the published code, each by a switch: tokens start from N(0, 0.02), not at
zero; the contrastive bias starts at the logit of the share of pairs that agree, not at -10; pairs
are balanced by class; the temperature is clamped; cases may lack modalities, and there may be any
number of them; cells of records are hidden in the second stage (`train.cell_dropout`).
"""

from dataclasses import dataclass, replace
from pathlib import Path

from mmfeat.fusion.contract import Course, FitOptions, FoldData
from mmfeat.fusion.network_head import NetworkHead, load_network_head
from mmfeat.fusion.networks.architectures import Architecture
from mmfeat.fusion.networks.network_inputs import NetworkInputs
from mmfeat.fusion.stacked.contrastive_architecture import (
    ContrastiveArchitecture,
    start_of_contrast,
)
from mmfeat.fusion.stacked.paper_stack import PaperArchitecture
from mmfeat.fusion.target_job import Supervised, target_job
from mmfeat.fusion.task import Task
from mmfeat.fusion.training.contrastive_stage import bias_at_start, network_part
from mmfeat.fusion.training.network_jobs import Contrast, LossTerms, NetworkJob

_CORRECTED = Contrast()


@dataclass(frozen=True)
class PaperMethod:
    """Train the paper's network; the switches make its ablations, and undo the corrections."""

    name: str
    summary: str
    supervised: Supervised = "all"
    learnable_tokens: bool = True
    contrast: Contrast | None = _CORRECTED
    """Rules of the contrastive stage; None leaves it out."""
    token_deviation: float = 0.02
    """Deviation of the tokens' start; the published code has 0."""
    hides_cells: bool = True
    """Hide cells of records in the second stage; the published training does not."""
    takes_plain_steps: bool = False
    """Neither clip gradients, nor warm up, nor average weights, nor add base rates, whatever the
    settings say."""
    reads_sets: bool = False
    """Pool the sets of modalities that have them by attention."""
    uses_seed: bool = True
    uses_linear: bool = False
    has_cox: bool = True

    def course(self, data: FoldData, *, seed: int, options: FitOptions) -> Course:
        """Ask for the contrastive stage, then for the network that starts from it.

        Raises:
            TrainError: A part has no labelled case, the training part shows one class only, or
                there are no sets to read.
        """
        asked = target_job(
            data,
            self._design,
            seed=seed,
            options=options,
            supervised=self.supervised,
            reads_sets=self.reads_sets,
            hides_cells=self.hides_cells,
            takes_plain_steps=self.takes_plain_steps,
        )
        job = asked.job
        history = []
        if self.contrast is not None and options.contrastive_epochs and len(data.modalities) > 1:
            (first,) = yield [_contrastive(job, self.contrast, options)]
            history += [{"stage": "contrastive", **record} for record in first.history]
            job = replace(job, start=network_part(first.state))
        (trained,) = yield [job]
        history += [{"stage": "target", **record} for record in trained.history]
        return NetworkHead(
            self.name,
            data.task,
            asked.inputs,
            trained.network(),
            history,
            trained.validation,
            asked.added,
        )

    def load(self, folder: Path) -> NetworkHead:
        """Read a head that ``save`` wrote."""
        return load_network_head(folder, self.name, self._design)

    def _design(self, inputs: NetworkInputs, task: Task) -> Architecture:
        network = PaperArchitecture(
            inputs.after_pooling, task.n_outputs, self.learnable_tokens, self.token_deviation
        )
        return inputs.behind_pooling(network)


def _contrastive(job: NetworkJob, contrast: Contrast, options: FitOptions) -> NetworkJob:
    """Return the first stage of a job."""
    architecture = ContrastiveArchitecture(job.architecture)
    bias = bias_at_start(job.data, job.train, contrast)
    return replace(
        job,
        name="contrastive",
        architecture=architecture,
        loop=options.loop(options.contrastive_epochs),
        hides_cells=False,
        terms=LossTerms(),
        contrast=replace(contrast, bank=options.contrastive_bank),
        start=start_of_contrast(architecture, seed=job.seed, bias=bias),
    )


PAPER = PaperMethod(
    "paper",
    "the published network: contrastive stage, then simultaneous modality dropout, tokens",
)
PAPER_ATTENTION = replace(
    PAPER,
    name="paper-attention",
    summary="`paper` on tokens or sets of scans, pooled by attention",
    reads_sets=True,
)
PUBLISHED = replace(
    PAPER,
    name="paper-as-published",
    summary="the published network and losses with their known defects, to compare with",
    contrast=Contrast(balanced_pairs=False, published_bias=True, clamps_temperature=False),
    token_deviation=0.0,
    hides_cells=False,
    takes_plain_steps=True,
)
SMD_TOKEN = replace(
    PAPER,
    name="smd-token",
    summary="ablation: simultaneous modality dropout with tokens, no contrastive stage",
    contrast=None,
)
SMD_ZERO = replace(
    SMD_TOKEN,
    name="smd-zero",
    summary="ablation: simultaneous modality dropout with zeros for absent modalities",
    learnable_tokens=False,
)
RANDOM_DROPOUT = replace(
    SMD_ZERO,
    name="random-dropout",
    summary="ablation: one random set of modalities for each case and step, zeros for the absent",
    supervised="random",
)
CONCAT_ZERO = replace(
    SMD_ZERO,
    name="concat-zero",
    summary="ablation: features joined as they are, zeros for absent modalities, nothing dropped",
    supervised="observed",
)
