"""Prepare scans as an encoder does, without its weights."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mmfeat.encoders import encoder_class
from mmfeat.encoders.contract import Windows
from mmfeat.encoders.options import Value, resolve_options
from mmfeat.encoders.preparing.preparation import Preparation
from mmfeat.encoders.recipe_encoder import EncoderKind
from mmfeat.preprocessing.sampler import NumpySampler
from mmfeat.volumes.volume import Volume


@dataclass(frozen=True)
class Preparer:
    """Hold what an encoder does to a scan before its network."""

    name: str
    recipe: dict[str, Any]
    preparation: Preparation

    def prepare(self, volume: Volume) -> Windows:
        """Return the windows; see `Encoder.prepare`."""
        return self.preparation.prepare(volume, NumpySampler())


def preparer(name: str, options: Mapping[str, Value]) -> Preparer | None:
    """Return what prepares scans for an encoder; None for one that prepares only once it is made.

    Raises:
        EncoderError: There is no such encoder, or an option does not fit.
    """
    kind = encoder_class(name)
    if not isinstance(kind, EncoderKind):
        return None
    resolved = resolve_options(name, kind.options, options)
    return Preparer(name, kind.recipe_of(**resolved), kind.preparation_of(resolved))
