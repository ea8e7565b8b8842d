"""Multimodal predictions from frozen CT foundation models and clinical records."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mmfeat.estimators.classifier import MultimodalClassifier
    from mmfeat.estimators.loaded_run import LoadedRun, load_run

__all__ = ["LoadedRun", "MultimodalClassifier", "__version__", "load_run"]
__version__ = "0.1.0"

_PLACES = {
    "LoadedRun": "mmfeat.estimators.loaded_run",
    "MultimodalClassifier": "mmfeat.estimators.classifier",
    "load_run": "mmfeat.estimators.loaded_run",
}
"""Where the names are that need torch, which is loaded when one of them is first asked for."""


def __getattr__(name: str) -> object:
    """Import one of the names above."""
    if name not in _PLACES:
        raise AttributeError(f"module `mmfeat` has no attribute `{name}`")
    from importlib import import_module

    return getattr(import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    """List the names above too, for notebooks."""
    return sorted([*globals(), *_PLACES])
