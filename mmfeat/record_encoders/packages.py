"""Import the packages that only some record encoders need, or say in one line how to get them."""

import importlib
from collections.abc import Sequence
from importlib.util import find_spec
from types import ModuleType

from mmfeat.errors import RecordError, one_line


def check_packages(encoder: str, packages: Sequence[str], *, extra: str) -> None:
    """See that packages are installed, without importing them.

    Raises:
        RecordError: One is not.
    """
    for package in packages:
        if find_spec(package) is None:
            raise RecordError(_advice(encoder, package, extra, "not installed"))


def import_package(package: str, *, encoder: str, extra: str) -> ModuleType:
    """Return a package.

    Raises:
        RecordError: It is not installed, or does not fit what else is.
    """
    try:
        return importlib.import_module(package)
    except (ImportError, RuntimeError) as error:
        raise RecordError(_advice(encoder, package, extra, one_line(error))) from error


def _advice(encoder: str, package: str, extra: str, reason: str) -> str:
    return (
        f"record encoder `{encoder}` needs the package `{package}` ({reason}); "
        f'pip install "mmfeat[{extra}]"'
    )
