"""A frozen sentence encoder of a local folder: texts to vectors, as sentence-transformers does.

No name of a repository is ever passed on, only settings and tensors, so transformers has nothing to
ask a hub for; nor is a pickle or a folder's own code read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import transformers
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn

from mmfeat.encoders.slices.quiet_transformers import quiet
from mmfeat.encoders.slices.transformers_errors import RAISED_BY_ODD_SETTINGS
from mmfeat.encoders.texts.sentence_folder import CONFIG, TOKENIZER, SentenceFolder
from mmfeat.encoders.weights.state_dicts import (
    raise_where_keys_differ,
    read_state_dict,
    strip_prefix,
)
from mmfeat.errors import EncoderError, one_line

_HEADS = ("cls.", "lm_head.", "vocab_", "classifier.", "discriminator_predictions.", "head.")
"""What stands beside the network in files of models that were trained to fill gaps in texts."""


@dataclass(frozen=True)
class EmbeddedText:
    """Hold the vector of a text: ``(width,)``, float32."""

    vector: NDArray[np.float32]
    is_cut: bool
    """Whether the text was longer than the encoder reads."""


class SentenceEncoder:
    """Embed texts; made by ``load``.

    Args:
        folder: What the folder says.
        network: The network, with its weights.
        tokenizer: Its tokenizer.
    """

    def __init__(self, folder: SentenceFolder, network: nn.Module, tokenizer: Tokenizer) -> None:
        self._pooling = folder.pooling
        self._lower_case = folder.lower_case
        self._network = network.eval()
        self._tokenizer = tokenizer

    def embed(self, texts: Sequence[str]) -> Iterator[EmbeddedText]:
        """Yield the vector of each text, one after the other.

        Each goes through the network alone, so that its bits do not hang on its neighbours.
        """
        for text in texts:
            tokens = self._tokenizer.encode(text.lower() if self._lower_case else text)
            ids = torch.tensor([tokens.ids])
            with torch.inference_mode():
                output = self._network(input_ids=ids, attention_mask=torch.ones_like(ids))
            vector = self._pooled(output.last_hidden_state[0]).numpy().copy()
            yield EmbeddedText(vector, is_cut=bool(tokens.overflowing))

    def _pooled(self, tokens: Tensor) -> Tensor:
        """Return one vector of ``(tokens, width)``."""
        pooled = tokens[0] if self._pooling.mode == "cls" else tokens.mean(dim=0)
        return nn.functional.normalize(pooled, dim=0) if self._pooling.normalised else pooled


def load_sentence_encoder(folder: SentenceFolder) -> SentenceEncoder:
    """Return the encoder of a folder with all its weights, in float32, on the CPU.

    Raises:
        EncoderError: A file is missing, torn or of another network.
    """
    folder.check()
    return SentenceEncoder(folder, _network(folder), _tokenizer(folder))


def _tokenizer(folder: SentenceFolder) -> Tokenizer:
    file = folder.path / TOKENIZER
    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception as error:  # tokenizers raises nothing more exact
        raise EncoderError(f"{file}: cannot be read ({one_line(error)})") from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(folder.most_tokens)
    return tokenizer


def _network(folder: SentenceFolder) -> nn.Module:
    kind: Any = getattr(transformers, folder.network.of)
    bare = {"add_pooling_layer": False} if folder.network.has_pooler else {}
    try:
        config = kind.config_class.from_dict(dict(folder.config))
        with quiet():
            network, found = kind.from_pretrained(
                None,
                config=config,
                state_dict=_tensors(folder, kind.base_model_prefix),
                dtype=torch.float32,
                ignore_mismatched_sizes=True,  # they are told below
                output_loading_info=True,
                **bare,
            )
    except RAISED_BY_ODD_SETTINGS as error:
        raise EncoderError(
            f"{folder.path / CONFIG}: transformers {transformers.__version__} makes no "
            f"{folder.network.of} of it ({one_line(error)})"
        ) from error
    raise_where_keys_differ(
        folder.path,
        missing=sorted(found["missing_keys"]),
        unexpected=sorted(found["unexpected_keys"]),
        shapes={key: (theirs, ours) for key, theirs, ours in sorted(found["mismatched_keys"])},
        hint="give the folder as it was published",
    )
    module: nn.Module = network
    return module


def _tensors(folder: SentenceFolder, prefix: str) -> dict[str, Tensor]:
    """Return the tensors of the network alone, without a pooler or another head."""
    every: dict[str, Tensor] = {}
    for file in folder.weights:
        every |= read_state_dict(file)
    return {
        key: value
        for key, value in strip_prefix(every, [f"{prefix}."]).items()
        if "pooler" not in key.split(".")
        if not key.startswith(_HEADS) and not key.endswith(".position_ids")
    }
