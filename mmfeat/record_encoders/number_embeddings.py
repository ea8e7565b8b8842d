"""Record encoders `plr` and `ple`: embeddings of single numbers, then a small perceptron.

Gorishniy et al., On Embeddings for Numerical Features in Tabular Deep Learning, NeurIPS 2022, by
the authors' packages rtdl_num_embeddings and rtdl_revisiting_models.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from mmfeat.fusion.training.network_jobs import LoopOptions
from mmfeat.record_encoders.blueprint import Blueprint
from mmfeat.record_encoders.cells import Cells
from mmfeat.record_encoders.network_kind import EXTRA, NetworkKind
from mmfeat.record_encoders.packages import import_package
from mmfeat.record_encoders.record_network import RecordNetwork

_PACKAGES = ("rtdl_num_embeddings", "rtdl_revisiting_models")
_D_PERIODIC = 24  # the package's default
_D_PIECEWISE = 16  # as in the authors' TabM
_FREQUENCY_SCALE = 0.05
"""The authors tune it between 0.01 and 10 and find small values to be safe."""
_WIDTH = 128
_BLOCKS = 2
_DROPOUT = 0.2
_LOOP = LoopOptions(epochs=100, patience=12, batch_size=64, learning_rate=1e-3, weight_decay=1e-2)


class EmbeddedNumbers(RecordNetwork):
    """Embed each number by itself, join them with one-hot categories, apply a perceptron.

    An unknown number has a learned vector in place of its embedding; an unknown category is one
    of the categories.

    Shape:
        - Output of ``embed``: ``(cases, 128)``, the last hidden layer.
    """

    def __init__(
        self,
        blueprint: Blueprint,
        embedding: nn.Module | None,
        *,
        d_embedding: int,
        encoder: str,
    ) -> None:
        super().__init__()
        models = import_package("rtdl_revisiting_models", encoder=encoder, extra=EXTRA)
        self.embedding = embedding
        self.unknown = nn.Parameter(torch.zeros(blueprint.n_numbers, d_embedding))
        self.cardinalities = blueprint.cardinalities
        self.hidden = models.MLP(
            d_in=blueprint.n_numbers * d_embedding + sum(blueprint.cardinalities),
            d_out=None,
            n_blocks=_BLOCKS,
            d_block=_WIDTH,
            dropout=_DROPOUT,
        )
        self.output = nn.Linear(_WIDTH, blueprint.n_outputs)
        self.width = _WIDTH

    def embed(self, cells: Cells) -> Float[Tensor, "cases width"]:
        """Return the last hidden layer."""
        parts = [
            functional.one_hot(codes, cardinality).float()
            for codes, cardinality in zip(cells.categories.T, self.cardinalities, strict=True)
        ]
        if self.embedding is not None:
            embedded = self.embedding(cells.numbers.nan_to_num(0.0))  # (cases, numbers, d)
            is_unknown = cells.numbers.isnan()[..., None]
            parts.append(torch.where(is_unknown, self.unknown, embedded).flatten(1))
        hidden: Tensor = self.hidden(torch.cat(parts, dim=1))
        return hidden

    def member_logits(self, cells: Cells) -> Float[Tensor, "1 cases outputs"]:
        """Return the logits of the one member."""
        logits: Tensor = self.output(self.embed(cells))
        return logits[None]


def build_periodic(blueprint: Blueprint) -> EmbeddedNumbers:
    """Build a network whose numbers go through sines of learned frequencies, a layer and ReLU."""
    package = import_package("rtdl_num_embeddings", encoder="plr", extra=EXTRA)
    embedding = None
    if blueprint.n_numbers:
        embedding = package.PeriodicEmbeddings(
            blueprint.n_numbers, _D_PERIODIC, frequency_init_scale=_FREQUENCY_SCALE, lite=False
        )
    return EmbeddedNumbers(blueprint, embedding, d_embedding=_D_PERIODIC, encoder="plr")


def build_piecewise(blueprint: Blueprint) -> EmbeddedNumbers:
    """Build a network whose numbers go through functions that are linear within each bin."""
    embedding = piecewise_embeddings(blueprint, "ple")
    return EmbeddedNumbers(blueprint, embedding, d_embedding=_D_PIECEWISE, encoder="ple")


def piecewise_embeddings(blueprint: Blueprint, encoder: str) -> nn.Module | None:
    """Return piecewise-linear embeddings, 16 wide; None without numbers.

    Version B of the package, which starts as a linear embedding, as in the authors' TabM.
    """
    package = import_package("rtdl_num_embeddings", encoder=encoder, extra=EXTRA)
    if not blueprint.n_numbers:
        return None
    bins = [torch.tensor(edges) for edges in blueprint.bin_edges]
    embeddings: nn.Module = package.PiecewiseLinearEmbeddings(
        bins, _D_PIECEWISE, activation=False, version="B"
    )
    return embeddings


PLR = NetworkKind(
    "plr",
    "periodic embeddings of numbers, then a perceptron, 128 wide",
    _PACKAGES,
    _LOOP,
    build_periodic,
)
PLE = NetworkKind(
    "ple",
    "piecewise-linear embeddings of numbers, then a perceptron, 128 wide",
    _PACKAGES,
    _LOOP,
    build_piecewise,
)
