"""Read what a local folder of transformers says of its network, as data; nothing of it is run."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from mmfeat.encoders.model_settings import read_model_settings
from mmfeat.encoders.slices.transformers_kinds import KINDS, VISION_TOWERS, TransformersKind
from mmfeat.errors import EncoderError
from mmfeat.provenance import sha256_of_file

CONFIG = "config.json"
PREPROCESSOR = "preprocessor_config.json"
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
"""What a folder may hold its weights in, the one first that is taken where both are there; each
may be in parts, which ``<name>.index.json`` lists."""
_OWN_CODE = {"AutoConfig", "AutoModel"}


@dataclass(frozen=True)
class TransformersFolder:
    """Say what is in a folder.

    Raises:
        EncoderError: A file is missing or cannot be read, or the network is of a kind that does
            not run on slices.
    """

    path: Path

    @cached_property
    def whole_config(self) -> Mapping[str, Any]:
        """``config.json``; of a model with a text tower, both towers."""
        config = _read_json(self.path / CONFIG, what="a folder of transformers")
        if _OWN_CODE & set(config.get("auto_map") or {}):
            raise EncoderError(
                f"{self.path}: its network is code of its own (`auto_map` in {CONFIG}), which this "
                "encoder never runs; use `encoder: hub-folder` with --trust-code"
            )
        if "quantization_config" in config:
            raise EncoderError(f"{self.path}: its weights are quantised; give the original ones")
        return config

    @property
    def has_text_tower(self) -> bool:
        """Whether the folder holds a model of images and texts."""
        return self.whole_config.get("model_type") in VISION_TOWERS

    @cached_property
    def model_type(self) -> str:
        """What the network is, a key of `KINDS`."""
        name = self.whole_config.get("model_type")
        name = VISION_TOWERS.get(str(name), name)
        if name not in KINDS:
            raise EncoderError(
                f"{self.path}: {CONFIG} says `model_type: {name}`, and this encoder runs "
                f"{', '.join(KINDS)}; for others use `encoder: hub-folder`"
            )
        return str(name)

    @property
    def kind(self) -> TransformersKind:
        """The network's class and tokens."""
        return KINDS[self.model_type]

    @property
    def config(self) -> Mapping[str, Any]:
        """What the configuration says of the network that sees images."""
        if not self.has_text_tower:
            return self.whole_config
        tower: Mapping[str, Any] = self.whole_config.get("vision_config") or {}
        return tower

    @cached_property
    def preprocessor(self) -> Mapping[str, Any]:
        """``preprocessor_config.json``; nothing where there is none."""
        file = self.path / PREPROCESSOR
        return _read_json(file, what="images") if file.is_file() else {}

    @cached_property
    def weights(self) -> tuple[Path, ...]:
        """The files with weights, in the order of their names."""
        for name in _WEIGHTS:
            if (self.path / name).is_file():
                return (self.path / name,)
            index = self.path / f"{name}.index.json"
            if index.is_file():
                return self._parts(index)
        raise EncoderError(
            f"{self.path}: no weights; it needs {' or '.join(_WEIGHTS)} beside {CONFIG}"
        )

    @cached_property
    def sha256(self) -> str:
        """Digest of the files that are used: name and digest of each, in this order.

        ``config.json``; ``preprocessor_config.json``, if it is there; weights by name.
        """
        files = [self.path / CONFIG, self.path / PREPROCESSOR, *self.weights]
        lines = [f"{sha256_of_file(file)}  {file.name}\n" for file in files if file.is_file()]
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def _parts(self, index: Path) -> tuple[Path, ...]:
        places = _read_json(index, what="parts").get("weight_map")
        names = set(places.values()) if isinstance(places, dict) else set()
        if not names or any(Path(str(name)).name != name for name in names):
            raise EncoderError(f"{index}: names no files beside it; download the folder again")
        parts = tuple(self.path / name for name in sorted(names))
        lost = [part.name for part in parts if not part.is_file()]
        if lost:
            raise EncoderError(f"{self.path}: a part of the weights is missing: {', '.join(lost)}")
        return parts


def _read_json(file: Path, *, what: str) -> Mapping[str, Any]:
    advice = f"`weights` names {what}, with {CONFIG}, {_WEIGHTS[0]} and {PREPROCESSOR}"
    settings: Mapping[str, Any] = read_model_settings(file, advice=advice)
    return settings
