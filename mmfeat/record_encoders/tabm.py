"""Record encoder `tabm`: many perceptrons in one, which share most of their weights.

Gorishniy et al., TabM: Advancing Tabular Deep Learning with Parameter-Efficient Ensembling, ICLR
2025, by the authors' package tabm, with piecewise-linear embeddings of numbers as they advise.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from mmfeat.fusion.training.network_jobs import LoopOptions
from mmfeat.record_encoders.blueprint import Blueprint
from mmfeat.record_encoders.cells import Cells
from mmfeat.record_encoders.network_kind import EXTRA, NetworkKind
from mmfeat.record_encoders.number_embeddings import piecewise_embeddings
from mmfeat.record_encoders.packages import import_package
from mmfeat.record_encoders.record_network import RecordNetwork

_NAME = "tabm"
_MEMBERS = 32  # the package's default
_WIDTH = 512


class TabM(RecordNetwork):
    """Run the authors' TabM; each number has a flag beside it that says whether it is unknown.

    Shape:
        - Output of ``embed``: ``(cases, 512)``, the mean of the members' last hidden layers.
    """

    def __init__(self, blueprint: Blueprint) -> None:
        super().__init__()
        package = import_package("tabm", encoder=_NAME, extra=EXTRA)
        self.backbone = package.TabM.make(
            n_num_features=blueprint.n_numbers,
            cat_cardinalities=[*blueprint.cardinalities, *[2] * blueprint.n_numbers],
            d_out=None,
            num_embeddings=piecewise_embeddings(blueprint, _NAME),
            k=_MEMBERS,
            d_block=_WIDTH,
        )
        self.head = package.LinearEnsemble(_WIDTH, blueprint.n_outputs, k=_MEMBERS)
        self.n_numbers = blueprint.n_numbers
        self.width = _WIDTH

    def _members(self, cells: Cells) -> Float[Tensor, "cases members width"]:
        numbers = cells.numbers.nan_to_num(0.0) if self.n_numbers else None
        flags = cells.numbers.isnan().long()
        hidden: Tensor = self.backbone(numbers, torch.cat([cells.categories, flags], dim=1))
        return hidden

    def embed(self, cells: Cells) -> Float[Tensor, "cases width"]:
        """Return the mean of the members."""
        return self._members(cells).mean(dim=1)

    def member_logits(self, cells: Cells) -> Float[Tensor, "members cases outputs"]:
        """Return each member's logits."""
        logits: Tensor = self.head(self._members(cells))  # (cases, members, outputs)
        return logits.transpose(0, 1)


KIND = NetworkKind(
    _NAME,
    "an ensemble of 32 perceptrons that share weights, mean of their last layers, 512 wide",
    ("rtdl_num_embeddings", "tabm"),
    # The authors' learning rate and decay.
    LoopOptions(epochs=100, patience=8, batch_size=64, learning_rate=2e-3, weight_decay=3e-4),
    TabM,
    n_networks=3,
)
