"""Import the authors' own packages, which are beside the environment and not in it.

`make test-authors` fills a folder with them and names it in MMFEAT_AUTHORS. Without that, every
test that asks for one of them skips, and nothing can import them by accident.
"""

import functools
import importlib
import importlib.util
import os
import sys
import warnings
from pathlib import Path
from types import ModuleType

import pytest
import torch

_FOLDER = os.environ.get("MMFEAT_AUTHORS")
_TORCHVISION_OPERATORS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


def of_authors(name: str) -> ModuleType:
    """Import a module of the authors' packages, or skip the test file where they are not there."""
    _packages()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(name)


def file_of_authors(package: str, member: str) -> ModuleType:
    """Import one file of a package, where the package itself wants what is not installed.

    Args:
        package: The package's name.
        member: The file, relative to the package's folder.
    """
    file = _packages() / package / member
    spec = importlib.util.spec_from_file_location(f"{package}_{file.stem}", file)
    module = importlib.util.module_from_spec(spec)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        spec.loader.exec_module(module)
    return module


def _packages() -> Path:
    """Return the folder of the packages, which can then be imported."""
    if _FOLDER is None:
        pytest.skip(
            "the authors' packages are not here: `make test-authors`", allow_module_level=True
        )
    folder = Path(_FOLDER).resolve()
    if str(folder) not in sys.path:
        sys.path.append(str(folder))  # behind the environment's own packages
        _define_torchvisions_operators()
    return folder


@functools.cache
def _define_torchvisions_operators() -> torch.library.Library | None:
    """Let torchvision be imported beside a torch for the CPU.

    The torchvision of the package index is built for CUDA. Without CUDA its compiled part does not
    load, and its Python part stops at the first operator that it expects there. None is called.
    """
    if torch.version.cuda is not None:
        return None
    library = torch.library.Library("torchvision", "DEF")
    for operator in _TORCHVISION_OPERATORS:
        library.define(operator)
    return library
