"""What mmfeat needs, directly and indirectly, as it is installed here."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).resolve().parents[1]
NOT_SHIPPED = ("dev", "docs")
"""Extras that only developers install."""


@dataclass(frozen=True)
class Declared:
    """Hold what pyproject.toml asks for."""

    core: tuple[Requirement, ...]
    extras: Mapping[str, tuple[Requirement, ...]]

    @property
    def for_users(self) -> dict[str, tuple[Requirement, ...]]:
        """Return the extras that users install."""
        return {name: of for name, of in self.extras.items() if name not in NOT_SHIPPED}


def declared(project: Path = PROJECT) -> Declared:
    """Read pyproject.toml."""
    known = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = known["optional-dependencies"]
    return Declared(
        tuple(map(Requirement, known["dependencies"])),
        {name: tuple(map(Requirement, texts)) for name, texts in extras.items()},
    )


def installed_closure(wanted: Iterable[Requirement]) -> tuple[dict[str, Distribution], list[str]]:
    """Follow requirements to everything that they bring along.

    Args:
        wanted: Where to begin.

    Returns:
        The installed packages by canonical name, sorted; and those of ``wanted`` that are not
        installed here.
    """
    wanted = list(wanted)
    found: dict[str, Distribution] = {}
    absent = []
    seen: set[tuple[str, str]] = set()
    ahead = [(one, "") for one in wanted]
    while ahead:
        requirement, extra = ahead.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        try:
            package = distribution(requirement.name)
        except PackageNotFoundError:
            if requirement in wanted:
                absent.append(requirement.name)
            continue
        found[name] = package
        for asked in ("", *sorted(requirement.extras)):
            if (name, asked) not in seen:
                seen.add((name, asked))
                ahead += [(Requirement(text), asked) for text in package.requires or ()]
    return dict(sorted(found.items())), sorted(absent)


def size_bytes(package: Distribution) -> int:
    """Return what the files of an installed package take on the disk."""
    total = 0
    for file in package.files or ():
        path = Path(str(package.locate_file(file)))
        if path.suffix != ".pyc" and path.is_file():
            total += path.stat().st_size
    return total
