"""What a classifier fitted to one division of its rows."""

from dataclasses import dataclass

from mmfeat.feature_table import FittedFeatures
from mmfeat.fusion.contract import Head


@dataclass(frozen=True, eq=False)
class FittedFold:
    """Hold scales and categories of the training part, and the heads, by seed."""

    features: FittedFeatures
    heads: tuple[Head, ...]
