"""A published encoder as data: all that makes its numbers, and what one should know of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mmfeat.encoders.preparing.preparation import Preparation
from mmfeat.weights_store.published import PublishedFile as PublishedFile

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

    published: tuple[PublishedFile, ...] = ()
    """The files that hold them, any one of which will do; the first is the usual one."""
    further_places: str = ""
    """In words, after the published files: a place that has no address of its own."""
    wrapped_in: tuple[str, ...] = ()
    """Keys under which a checkpoint may hold the tensors."""
    under: tuple[tuple[str, ...], ...] = ()
    """Prefixes, stripped one group after the other: of each the first that occurs, if any does.
    What is not under it is another part of a larger model, and left out."""
    without: tuple[str, ...] = ()
    """Beginnings of names of heads and decoders that are left out."""
    renamed: tuple[tuple[str, str], ...] = ()
    """Parts of names that differ from those of MONAI's class."""
    packaged: PackagedFile | None = None

    @property
    def where(self) -> str:
        """All places, for people."""
        files = ", or ".join(file.in_words for file in self.published)
        if self.further_places:
            files = f"{files}, or {self.further_places}" if files else self.further_places
        if self.packaged is None:
            return files
        packages = f"packages, by `{self.packaged.install}`"
        return f"{packages}; or a file: {files}" if files else packages


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
    of_one_size: bool = False
    """Whether it is built for windows of one size, which it is told as ``size``."""


@dataclass(frozen=True)
class ModelFacts:
    """What to know before using a model; nothing of it changes a number."""

    body: str
    """The part of the body that it was trained on."""
    n_parameters: int | None
    """Of the part that is used; None where it is not known."""
    code_licence: str
    weights_licence: str
    trained_on: tuple[str, ...]
    """Public collections whose scans it has seen, as far as we know, by the names that
    `public_collections` has for them."""
    verified: Verified
    notes: tuple[str, ...] = ()
    """What is our choice, or could not be checked."""
    trained_also_on: str = ""
    """In words: what else it has seen that has no name of its own."""

    @property
    def training_sets(self) -> str:
        """All that it was trained on, in words."""
        stated = [part for part in (", ".join(self.trained_on), self.trained_also_on) if part]
        return "; ".join(stated) or ("nothing" if self.verified == "no weights" else "not stated")


@dataclass(frozen=True)
class Choice:
    """Name the option that chooses among an encoder's preparations."""

    option: str
    meaning: str


REGION = Choice("region", "part of the body, each prepared in its own way")


@dataclass(frozen=True)
class EncoderRecipe:
    """Everything about one encoder."""

    name: str
    summary: str
    preparations: Mapping[str, Preparation]
    """By value of the choice; the first is the default."""
    network: NetworkRecipe
    weights: WeightsRecipe | None
    """None for a control with random weights."""
    pool: str
    usual_batch: int
    test_shrink: int
    """By how much a window may be shrunk in tests and still fit the network."""
    facts: ModelFacts
    needs_point: bool = False
    """Whether it looks at a point of interest in a scan, and not at all of it."""
    choice: Choice = REGION
    """Where there are several preparations, the option that chooses one."""
    code_version: int = 1
