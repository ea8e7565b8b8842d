"""Write settings with a comment on every guess, for a user to look through and mend."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from mmfeat.config.guess import Guess
from mmfeat.config.yaml_text import parse_yaml
from mmfeat.errors import ConfigError

_INDENT = "  "


@dataclass
class GuessedSettings:
    """All guesses about one table."""

    case_id: Guess
    patient_id: Guess
    targets: dict[str, Guess]
    """Name of each target: a mapping of its settings."""
    split: Guess
    site: Guess | None = None
    missing: Guess | None = None
    volumes: dict[str, Guess] = field(default_factory=dict)
    """Name of each volume modality: a mapping of its settings."""
    columns: dict[str, Guess] = field(default_factory=dict)
    """Columns of the clinical record: a mapping of type and the like."""
    left_out: dict[str, Guess] = field(default_factory=dict)
    """Columns that are not used, with the reason."""

    def named(self) -> Iterator[tuple[str, str, Guess]]:
        """Yield each guess with the part of the settings that it is of, and its name there."""
        for key in ("case_id", "patient_id", "site", "missing"):
            if (guess := getattr(self, key)) is not None:
                yield "cohort", key, guess
        yield "cohort", "split", self.split
        for part in ("targets", "volumes", "columns", "left_out"):
            for name, guess in getattr(self, part).items():
                yield part, name, guess


def settings_text(guessed: GuessedSettings, *, manifest: str, origin: str) -> str:
    """Return the text of a settings file.

    Args:
        guessed: What was guessed.
        manifest: Path of the table, relative to the settings file.
        origin: What the guesses were made from, for the first line.
    """
    cohort = {"case_id": guessed.case_id, "patient_id": guessed.patient_id}
    cohort |= {"site": guessed.site} if guessed.site else {}
    cohort |= {"missing": guessed.missing} if guessed.missing else {}
    lines = [
        f"# Settings guessed by `mmfeat init` from {' '.join(origin.split())}.",
        "# Look at every line with `# check:`, and at the columns that are left out; then run",
        "# `mmfeat config check` on this file. What else can be set: `mmfeat config schema`.",
        "# In brackets, how sure a guess is: how likely one more cell would fit it, shared with",
        "# whatever else fits as well.",
        "",
        "cohort:",
        f"{_INDENT}manifest: {yaml_value(manifest)}",
        *_lines(cohort, depth=1),
        f"{_INDENT}targets:",
        *_lines(guessed.targets, depth=2),
        *_lines({"split": guessed.split}, depth=1),
        "",
        "modalities:",
    ]
    for name, guess in guessed.volumes.items():
        lines.append(f"{_INDENT}{yaml_value(name)}:  {guess.comment}")
        lines += [f"{_INDENT * 2}{key}: {yaml_value(value)}" for key, value in guess.value.items()]
    if guessed.columns:
        lines += [f"{_INDENT}clinical:", f"{_INDENT * 2}kind: table", f"{_INDENT * 2}columns:"]
        lines += _lines(guessed.columns, depth=3)
    if guessed.left_out:
        lines += ["", "# Columns that are left out of the inputs:"]
        lines += [
            f"#   {yaml_value(name)}: "
            f"{guess.comment if guess.doubtful else guess.comment.removeprefix('# ')}"
            for name, guess in guessed.left_out.items()
        ]
    return "\n".join(lines) + "\n"


def yaml_value(value: Any) -> str:  # noqa: ANN401 - a value of the settings
    """Return a value in one line of YAML; a text has quotes only where it would read as another.

    Example:
        >>> yaml_value({"kind": "binary", "column": "dead: yes", "classes": [0, "01", "no", True]})
        '{kind: binary, column: "dead: yes", classes: [0, "01", "no", true]}'
    """
    match value:
        case Mapping():
            pairs = (f"{yaml_value(key)}: {yaml_value(item)}" for key, item in value.items())
            return f"{{{', '.join(pairs)}}}"
        case str():
            return value if _reads_as_itself(value) else _quoted(value)
        case Sequence():
            return f"[{', '.join(map(yaml_value, value))}]"
        case bool():
            return str(value).lower()
        case _:
            return str(value)


def _lines(guesses: Mapping[str, Guess], *, depth: int) -> list[str]:
    texts = [
        f"{_INDENT * depth}{yaml_value(name)}: {yaml_value(guess.value)}"
        for name, guess in guesses.items()
    ]
    column = min(max(map(len, texts), default=0), 60)
    return [
        f"{text:<{column}}  {guess.comment}"
        for text, guess in zip(texts, guesses.values(), strict=True)
    ]


def _reads_as_itself(text: str) -> bool:
    """Say whether a text without quotes is that text, to our reader and to others."""
    pair = f"{{{text}: {text}}}"
    try:
        return bool(parse_yaml(pair, "") == yaml.safe_load(pair) == {text: text})
    except (ConfigError, yaml.YAMLError, ValueError, TypeError):
        return False


def _quoted(text: str) -> str:
    quoted = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=10**9)
    return str(quoted).rstrip("\n")
