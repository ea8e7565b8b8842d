"""Encoders of other packages: found by their entry points, imported only once they are named."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from mmfeat.encoders.contract import Encoder
from mmfeat.encoders.options import Option, WeightsSource
from mmfeat.errors import EncoderError, MmfeatError, one_line

GROUP = "mmfeat.encoders"
"""The group of entry points: each has the name of an encoder, and leads to its class."""
_OF_CLASS: Mapping[str, Any] = {
    "summary": str,
    "embedding_size": int,
    "options": Mapping,
    "weights_source": WeightsSource | None,
}
_OF_ENCODER = (*Encoder.__annotations__, "load", "prepare", "encode", "pool")
_HELP = "docs/add-an-encoder.md says what an encoder has"


@dataclass(frozen=True)
class InstalledEncoder:
    """Name an encoder of another package, which has not been imported."""

    name: str
    package: str
    """As it is called by pip."""
    version: str
    entry: EntryPoint

    @property
    def place(self) -> str:
        """Begin a message about it."""
        return f"encoder {self.name} of package {self.package} {self.version}"


def installed_encoders() -> tuple[InstalledEncoder, ...]:
    """Return the encoders of all installed packages by name; none of them is imported."""
    return found_on(tuple(sys.path))


@cache
def found_on(path: tuple[str, ...]) -> tuple[InstalledEncoder, ...]:  # noqa: ARG001 - the key
    """Look for them once for each `sys.path`: it reads the metadata of every package."""
    found = [
        InstalledEncoder(entry.name, entry.dist.name, entry.dist.version, entry)
        for entry in entry_points(group=GROUP)
        if entry.dist is not None
    ]
    return tuple(sorted(found, key=lambda one: (one.name, one.package)))


def installed_encoder(name: str, taken: Mapping[str, object]) -> InstalledEncoder | None:
    """Return the package's encoder of a name; None where no package has one.

    Args:
        name: The encoder.
        taken: Names of mmfeat's own.

    Raises:
        EncoderError: Two have this name.
    """
    found = [one for one in installed_encoders() if one.name == name]
    owners = [f"package {one.package} {one.version}" for one in found]
    owners += ["mmfeat"] if name in taken else []
    if len(owners) > 1:
        raise EncoderError(
            f"encoder {name}: {' and '.join(owners)} both have one of this name; uninstall a "
            "package, or have its author rename it"
        )
    return found[0] if found else None


def import_encoder(installed: InstalledEncoder) -> Any:  # noqa: ANN401 - a class, or what stands for one
    """Import an encoder's class, and check that it says what has to be known of it.

    Raises:
        EncoderError: It cannot be imported, or lacks something; the message names the package.
    """
    try:
        kind = installed.entry.load()
    except Exception as error:  # code of others may raise anything
        raise EncoderError(
            f"{installed.place}: cannot be imported ({type(error).__name__}: {one_line(error)}); "
            "mend or uninstall the package"
        ) from error
    missing = object()
    for part, wanted in _OF_CLASS.items():
        found = getattr(kind, part, missing)
        if found is missing:
            raise EncoderError(f"{installed.place}: its class lacks `{part}`; {_HELP}")
        if not isinstance(found, wanted):
            raise EncoderError(
                f"{installed.place}: `{part}` of its class is a {type(found).__name__}; {_HELP}"
            )
    if not all(isinstance(option, Option) for option in kind.options.values()):
        raise EncoderError(f"{installed.place}: `options` must hold values of `Option`; {_HELP}")
    if not (callable(kind) and callable(getattr(kind, "recipe_of", None))):
        raise EncoderError(
            f"{installed.place}: must be a class, or be called like one, with a method "
            f"`recipe_of`; {_HELP}"
        )
    return kind


def make_installed(
    installed: InstalledEncoder,
    kind: Any,  # noqa: ANN401 - as `import_encoder` returns it
    **arguments: Any,  # noqa: ANN401 - of its constructor
) -> Encoder:
    """Call an encoder's class, and check that what it makes is an encoder.

    Raises:
        EncoderError: It fails, or what it makes lacks something; the message names the package.
    """
    try:
        made = kind(**arguments)
    except MmfeatError:
        raise
    except Exception as error:  # code of others may raise anything
        raise EncoderError(
            f"{installed.place}: cannot be made ({type(error).__name__}: {one_line(error)}); "
            f"{_HELP}"
        ) from error
    lacking = [f"`{part}`" for part in _OF_ENCODER if not hasattr(made, part)]
    if lacking:
        raise EncoderError(f"{installed.place}: lacks {', '.join(lacking)}; {_HELP}")
    if made.name != installed.name:
        raise EncoderError(
            f"{installed.place}: calls itself `{made.name}`; its `name` has to be that of the "
            "entry point"
        )
    encoder: Encoder = made
    return encoder
