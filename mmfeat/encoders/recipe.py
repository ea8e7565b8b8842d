"""A published encoder as data: all that makes its numbers, and what one should know of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mmfeat.encoders.preparation import Preparation

Verified = Literal["real weights", "random weights", "description", "no weights"]
"""How far we could check it: with its real weights; with random ones, against the class that its
authors use; by what they describe alone; or there is nothing to check against."""


@dataclass(frozen=True)
class PackagedFile:
    """A file that packages carry in parts, which are joined in their order."""

    packages: tuple[str, ...]
    member: str
    sha256: str
    install: str


@dataclass(frozen=True)
class WeightsRecipe:
    """Say which file holds the weights and what of it is used: all that is not left out by name."""

    where: str
    wrapped_in: tuple[str, ...] = ()
    """Keys under which a checkpoint may hold the tensors."""
    under: tuple[tuple[str, ...], ...] = ()
    """Prefixes, stripped one group after the other: of each the first that occurs, if any does.
    What is not under it is another part of a larger model, and left out."""
    without: tuple[str, ...] = ()
    """Beginnings of names of heads and decoders that are left out."""
    renamed: tuple[tuple[str, str], ...] = ()
    """Parts of names that differ from those of MONAI's class."""
    md5: str | None = None
    """Published digest of the file, where we know it."""
    packaged: PackagedFile | None = None


@dataclass(frozen=True)
class NetworkRecipe:
    """Say which network it is: an entry of `recipe_networks.NETWORKS` and its arguments."""

    kind: str
    width: int
    """Channels of the first level in the published network."""
    features_per_width: int
    """Values of a vector for each of them."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    windows_alone: bool = False
    """Whether the last bits of a feature hang on the window's place in its batch."""


@dataclass(frozen=True)
class ModelFacts:
    """What to know before using a model; nothing of it changes a number."""

    body: str
    """The part of the body that it was trained on."""
    n_parameters: int
    """Of the part that is used."""
    code_licence: str
    weights_licence: str
    trained_on: tuple[str, ...]
    """Public collections whose scans it has seen, as far as we know."""
    verified: Verified
    notes: tuple[str, ...] = ()
    """What is our choice, or could not be checked."""


@dataclass(frozen=True)
class EncoderRecipe:
    """Everything about one encoder."""

    name: str
    summary: str
    preparations: Mapping[str, Preparation]
    """By part of the body; the first is the default."""
    network: NetworkRecipe
    weights: WeightsRecipe | None
    """None for a control with random weights."""
    pool: str
    usual_batch: int
    test_shrink: int
    """By how much a window may be shrunk in tests and still fit the network."""
    facts: ModelFacts
    code_version: int = 1
