"""Say of an encoder what can be known before it is made."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mmfeat.encoders import ENCODERS, encoder_class, weights_on_this_machine
from mmfeat.encoders.options import Value, WeightsSource
from mmfeat.encoders.plugins import installed_encoder, installed_encoders
from mmfeat.encoders.preparing.input_words import input_in_words
from mmfeat.encoders.recipe import ModelFacts
from mmfeat.encoders.weights.found_weights import FoundWeights

_ANY_BODY = ("any", "whole body", "several parts", "photographs", "recipe file")
"""What is for, or of, no part of the body more than another."""


@dataclass(frozen=True)
class EncoderDescription:
    """Hold what a user wants to know when choosing."""

    name: str
    summary: str
    input: str
    """What it sees of a scan."""
    embedding_size: int | None
    """Values of its vector, by default; None where a file of the user's says it."""
    facts: ModelFacts | None
    """None of an encoder of another package that states none."""
    weights_source: WeightsSource | None
    """None where it needs none."""
    here: FoundWeights | None
    """Its weights on this machine."""
    package: str | None
    """The package that brings it, where that is not mmfeat."""

    def is_for(self, body: str) -> bool:
        """Say whether it is for a part of the body: for that one, or for none in particular."""
        if self.facts is None:
            return True
        stated = self.facts.body.lower()
        return body.lower() in stated or any(part in stated for part in _ANY_BODY)

    @property
    def weights_in_words(self) -> str:
        """Whether its weights are on this machine, and what to do where they are not."""
        source = self.weights_source
        if source is None:
            return "none needed"
        if self.here is not None:
            return "here, in packages" if self.here.file is None else f"here: {self.here.file}"
        if source.published:
            return f"not here; mmfeat encoders fetch {self.name}"
        return f"not here; {source.where}"

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        source, here = self.weights_source, self.here
        found = None
        if here is not None:
            file = None if here.file is None else str(here.file)
            found = {"kept_in": here.kept_in, "file": file, "sha256": here.sha256}
        return {
            "name": self.name,
            "summary": self.summary,
            "input": self.input,
            "embedding_size": self.embedding_size,
            "facts": None if self.facts is None else asdict(self.facts),
            "weights": None if source is None else asdict(source),
            "weights_here": found,
            "package": self.package,
        }


def all_encoders() -> tuple[str, ...]:
    """Return the names of mmfeat's own encoders, then of those that installed packages bring."""
    return tuple(dict.fromkeys([*ENCODERS, *(one.name for one in installed_encoders())]))


def describe(
    name: str, options: Mapping[str, Value] | None = None, *, recipe_file: Path | None = None
) -> EncoderDescription:
    """Return what is known of an encoder; no network is built.

    Args:
        name: Of the table, or of an installed package.
        options: All of the encoder's, where they are not to be the defaults.
        recipe_file: Of an encoder that takes one.

    Raises:
        EncoderError: There is no such encoder, that of a package is broken, or options contradict.
        ConfigError: The recipe file has a fault.
    """
    kind = encoder_class(name, recipe_file)
    given = {key: option.default for key, option in kind.options.items()} | dict(options or {})
    lacks_recipe = getattr(kind, "takes_recipe_file", False) and recipe_file is None
    installed = installed_encoder(name, ENCODERS)
    return EncoderDescription(
        name=name,
        summary=kind.summary,
        input="as its recipe file says"
        if lacks_recipe
        else input_in_words(kind.recipe_of(**given)["prepare"]),
        embedding_size=kind.embedding_size,
        facts=getattr(kind, "facts", None),
        weights_source=kind.weights_source,
        here=weights_on_this_machine(name),
        package=None if installed is None else f"{installed.package} {installed.version}",
    )
