"""Random words that depend only on what they are for: hashes of seeds and counters.

A generator's numbers depend on who drew before; these do not, so a head gets the same row order and
the same dropout masks alone and in any stack, on a CPU and on a GPU. The mixing function is that of
SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
"""

from dataclasses import dataclass

import torch
from jaxtyping import Int
from torch import Tensor

ROWS, STEPS = 1, 2
"""What a head's seed is used for: one counter under it for each purpose."""
MASKS, SETS, CELLS = 1, 2, 3
"""What the key of a step is used for: dropout, sets of modalities, cells of the first modality; of
the others by the numbers that follow."""


def _signed(word: int) -> int:
    """Return the same 64 bits as the signed number that torch holds them in."""
    return word - 2**64 if word >= 2**63 else word


_GOLDEN = _signed(0x9E3779B97F4A7C15)
_FIRST = _signed(0xBF58476D1CE4E5B9)
_SECOND = _signed(0x94D049BB133111EB)


def mixed(words: Int[Tensor, "*shape"]) -> Int[Tensor, "*shape"]:
    """Return 64 well-mixed bits for each word; different words stay different.

    Example:
        >>> mixed(torch.tensor([0, 1])).tolist()
        [-2152535657050944081, -7995527694508729151]
    """
    words = words + _GOLDEN
    words = (words ^ _shifted(words, 30)) * _FIRST
    words = (words ^ _shifted(words, 27)) * _SECOND
    return words ^ _shifted(words, 31)


def _shifted(words: Tensor, bits: int) -> Tensor:
    # torch shifts the sign in; a hash needs zeros there.
    return (words >> bits) & ((1 << (64 - bits)) - 1)


def combined(key: Int[Tensor, "*shape"], counter: Tensor | int) -> Int[Tensor, "..."]:
    """Return the key of a counter under a key: ``combined(combined(seed, epoch), row)`` and so on.

    It is the counter's place in SplitMix64's sequence from that key.

    Shape:
        - ``key`` and ``counter`` are broadcast against each other.
    """
    if isinstance(counter, int):
        return mixed(key + _signed(counter * _GOLDEN % 2**64))
    return mixed(key + counter * _GOLDEN)


def position_words(n_words: int, device: torch.device | str) -> Int[Tensor, " words"]:
    """Return 32 random bits for each position, the same at every call."""
    return _shifted(mixed(torch.arange(n_words, dtype=torch.int64, device=device)), 32)


@dataclass(frozen=True)
class StepRandom:
    """Hold what everything random in one step is made from.

    Shape:
        - ``keys``: ``(heads,)``, hashes of each head's seed and step.
        - ``words``: ``(words,)`` from `position_words`, as many as are drawn at once.
    """

    keys: Int[Tensor, " heads"]
    words: Int[Tensor, " words"]

    def draw(self, purpose: int, n_words: int) -> Int[Tensor, "heads drawn"]:
        """Return so many words for each head, others for every purpose."""
        return combined(combined(self.keys, purpose)[:, None], self.words[:n_words])
