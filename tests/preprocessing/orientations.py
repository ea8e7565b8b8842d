"""Every order and direction of a volume's axes."""

import dataclasses
import itertools

import numpy as np

from mmfeat.preprocessing.orientation import reorient
from mmfeat.volumes import Volume

ORIENTATIONS = [
    "".join(axes)
    for pairs in itertools.permutations(("LR", "AP", "IS"))
    for axes in itertools.product(*pairs)
]


def stored_as(volume: Volume, axes: str) -> Volume:
    """The same volume, its voxels written to memory in another order of axes."""
    turned = reorient(volume, axes)
    return dataclasses.replace(turned, hu=np.ascontiguousarray(turned.hu))
