"""Record encoder `ft-transformer`: each cell a token, attention between them.

Gorishniy et al., Revisiting Deep Learning Models for Tabular Data, NeurIPS 2021, by the authors'
package rtdl_revisiting_models, with its defaults for three blocks.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from mmfeat.fusion.training.network_jobs import LoopOptions
from mmfeat.record_encoders.blueprint import Blueprint
from mmfeat.record_encoders.cells import Cells
from mmfeat.record_encoders.network_kind import EXTRA, NetworkKind
from mmfeat.record_encoders.packages import import_package
from mmfeat.record_encoders.record_network import RecordNetwork

_NAME = "ft-transformer"
_PACKAGE = "rtdl_revisiting_models"
_BLOCKS = 3


class FTTransformer(RecordNetwork):
    """Run the authors' FT-Transformer, with a learned token in place of each unknown number.

    Of records without gaps it computes exactly what the authors' class computes. An unknown
    category is one of the categories, and has its embedding.

    Shape:
        - Output of ``embed``: ``(cases, 192)``, the CLS token after the last block.
    """

    def __init__(self, blueprint: Blueprint) -> None:
        super().__init__()
        package = import_package(_PACKAGE, encoder=_NAME, extra=EXTRA)
        defaults = package.FTTransformer.get_default_kwargs(n_blocks=_BLOCKS)
        self.width = defaults["d_block"]
        # Without its last layers, which are `head` here, so that the CLS token can be had.
        self.transformer = package.FTTransformer(
            n_cont_features=blueprint.n_numbers,
            cat_cardinalities=list(blueprint.cardinalities),
            d_out=None,
            **defaults,
        )
        bound = self.width**-0.5  # as the package starts its tokens
        unknown = torch.empty(blueprint.n_numbers, self.width).uniform_(-bound, bound)
        self.unknown = nn.Parameter(unknown)
        self.head = nn.Sequential(
            nn.LayerNorm(self.width), nn.ReLU(), nn.Linear(self.width, blueprint.n_outputs)
        )

    def embed(self, cells: Cells) -> Float[Tensor, "cases width"]:
        """Return the CLS token."""
        parts = self.transformer
        tokens = [parts.cls_embedding(cells.numbers.shape[:1])]
        if parts.cont_embeddings is not None:
            of_numbers = parts.cont_embeddings(cells.numbers.nan_to_num(0.0))
            is_unknown = cells.numbers.isnan()[..., None]
            tokens.append(torch.where(is_unknown, self.unknown, of_numbers))
        if parts.cat_embeddings is not None:
            tokens.append(parts.cat_embeddings(cells.categories))
        cls_token: Tensor = parts.backbone(torch.cat(tokens, dim=1))
        return cls_token

    def member_logits(self, cells: Cells) -> Float[Tensor, "1 cases outputs"]:
        """Return the logits of the one member."""
        logits: Tensor = self.head(self.embed(cells))
        return logits[None]


KIND = NetworkKind(
    _NAME,
    "a token for each cell and attention between them, 3 blocks, 192 wide",
    (_PACKAGE,),
    # The authors' learning rate and decay; smaller batches, for cohorts of hundreds.
    LoopOptions(epochs=60, patience=8, batch_size=64, learning_rate=1e-4, weight_decay=1e-5),
    FTTransformer,
    n_networks=3,
)
