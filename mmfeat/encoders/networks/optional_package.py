"""Import a package that only some encoders need, or say in one line how to get it."""

import importlib
from types import ModuleType

from mmfeat.errors import EncoderError, one_line


def import_optional(module: str, *, extra: str) -> ModuleType:
    """Return a module of an optional package.

    Args:
        module: Its name.
        extra: The extra of mmfeat that installs it.

    Raises:
        EncoderError: It is not installed, or does not fit what else is.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise EncoderError(
            f"this encoder needs the package `{module.partition('.')[0]}` ({one_line(error)}); "
            f'pip install "mmfeat[{extra}]"'
        ) from error
    except RuntimeError as error:  # how torchvision meets a torch that it was not built for
        raise EncoderError(
            f"`{module}` cannot be imported ({one_line(error)}); install the torchvision that fits "
            "this torch, from the index that torch came from"
        ) from error
