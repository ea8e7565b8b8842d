"""Read what a local folder says of its sentence encoder, as data; nothing of it is run."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from mmfeat.encoders.model_settings import read_model_settings
from mmfeat.encoders.texts.sentence_modules import Pooling, read_pooling
from mmfeat.encoders.texts.text_networks import TEXT_NETWORKS, TextNetwork
from mmfeat.errors import EncoderError
from mmfeat.provenance import sha256_of_file

CONFIG = "config.json"
MODULES = "modules.json"
TOKENIZER = "tokenizer.json"
TOKENIZER_CONFIG = "tokenizer_config.json"
PROMPTS = "config_sentence_transformers.json"
WEIGHTS = "model.safetensors"
_INDEX = f"{WEIGHTS}.index.json"
_LIMITS = tuple(
    f"sentence_{of}_config.json"
    for of in ("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")
)
"""Where sentence-transformers has kept the longest text, by the kinds of networks of its time."""


@dataclass(frozen=True)
class SentenceFolder:
    """Say what is in a folder that sentence-transformers or transformers has saved.

    Raises:
        EncoderError: A file is missing or cannot be read, or the encoder is of a kind that is not
            supported.
    """

    path: Path

    def check(self) -> None:
        """Look at everything but the weights themselves."""
        _ = self.network, self.width, self.pooling, self.most_tokens, self.weights
        if not (self.path / TOKENIZER).is_file():
            raise EncoderError(
                f"{self.path}: has no {TOKENIZER}; where transformers knows its tokenizer, "
                "`AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)` makes it"
            )

    @cached_property
    def config(self) -> Mapping[str, Any]:
        """``config.json``."""
        config: Mapping[str, Any] = self._json(CONFIG)
        if "auto_map" in config:
            raise EncoderError(
                f"{self.path}: its network is code of its own (`auto_map` in {CONFIG}), which is "
                "never run; take one of transformers' own networks"
            )
        if "quantization_config" in config:
            raise EncoderError(f"{self.path}: its weights are quantised; give the original ones")
        return config

    @cached_property
    def network(self) -> TextNetwork:
        """The network's class."""
        name = str(self.config.get("model_type"))
        if name not in TEXT_NETWORKS:
            raise EncoderError(
                f"{self.path}: {CONFIG} says `model_type: {name}`; sentence encoders of "
                f"{', '.join(TEXT_NETWORKS)} are supported"
            )
        return TEXT_NETWORKS[name]

    @cached_property
    def pooling(self) -> Pooling:
        """How the vectors of a text's tokens become one."""
        self._refuse_prompts()
        if not (self.path / MODULES).is_file():
            return Pooling("mean", normalised=True)
        return read_pooling(self.path, self._json(MODULES, of=list), self._json)

    @cached_property
    def lower_case(self) -> bool:
        """Whether sentence-transformers writes texts in lower case before the tokenizer does."""
        return bool(self._limits.get("do_lower_case"))

    @cached_property
    def most_tokens(self) -> int:
        """Tokens of a text that are read, those that the tokenizer adds included."""
        room = self.config.get("max_position_embeddings")
        limits = [
            self._limits.get("max_seq_length"),
            None if room is None else room - self.network.positions_before(self.config),
            self._optional(TOKENIZER_CONFIG).get("model_max_length"),
        ]
        known = [int(limit) for limit in limits if isinstance(limit, int | float)]
        if not known or min(known) < 1:
            raise EncoderError(
                f"{self.path}: says nowhere how long a text may be; add `max_position_embeddings` "
                f"to {CONFIG}"
            )
        return min(known)

    @cached_property
    def width(self) -> int:
        """Length of a vector."""
        width = self.config.get("hidden_size", self.config.get("dim"))
        if not isinstance(width, int):
            raise EncoderError(f"{self.path / CONFIG}: has no `hidden_size`; download it again")
        return width

    @cached_property
    def weights(self) -> tuple[Path, ...]:
        """The files with weights, in the order of their names."""
        if (self.path / WEIGHTS).is_file():
            return (self.path / WEIGHTS,)
        if not (self.path / _INDEX).is_file():
            raise EncoderError(
                f"{self.path}: no {WEIGHTS}; a pytorch_model.bin is a pickle and is not read, so "
                "save the model as safetensors"
            )
        places = self._json(_INDEX).get("weight_map")
        names = sorted(set(places.values())) if isinstance(places, dict) else []
        parts = tuple(self.path / str(name) for name in names)
        if not parts or any(part.parent != self.path or not part.is_file() for part in parts):
            raise EncoderError(f"{self.path / _INDEX}: a part of the weights is not there")
        return parts

    @cached_property
    def sha256(self) -> str:
        """Digest of the files that are used: name and digest of each, in this order."""
        self.check()
        pooling = self.pooling.config or ""
        names = [CONFIG, MODULES, pooling, PROMPTS, *_LIMITS, TOKENIZER, TOKENIZER_CONFIG]
        files = [self.path / name for name in names if name] + list(self.weights)
        lines = [
            f"{sha256_of_file(file)}  {file.relative_to(self.path).as_posix()}\n"
            for file in files
            if file.is_file()
        ]
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    @property
    def identity(self) -> dict[str, Any]:
        """Everything that a text's vector depends on, as plain JSON values."""
        return {
            "encoder": "text",
            "weights_sha256": self.sha256,
            "embedding_size": self.width,
            "class": f"transformers {self.network.of}",
            "pooling": self.pooling.mode,
            "normalised": self.pooling.normalised,
            "most_tokens": self.most_tokens,
            "lower_case": self.lower_case,
        }

    @cached_property
    def _limits(self) -> Mapping[str, Any]:
        found = [name for name in _LIMITS if (self.path / name).is_file()]
        return self._json(found[0]) if found else {}

    def _refuse_prompts(self) -> None:
        name = self._optional(PROMPTS).get("default_prompt_name")
        if name is not None:
            raise EncoderError(
                f"{self.path}: puts a prompt (`{name}`) before every text, which is not supported; "
                "take another model"
            )

    def _optional(self, name: str) -> Any:  # noqa: ANN401 - JSON
        return self._json(name) if (self.path / name).is_file() else {}

    def _json(self, name: str, of: type = dict) -> Any:  # noqa: ANN401 - JSON
        advice = f"`model` names a folder with {CONFIG}, {TOKENIZER} and {WEIGHTS}"
        return read_model_settings(self.path / name, advice=advice, of=of)
