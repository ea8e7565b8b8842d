"""Fusion methods: a table of names and the modules that hold them, imported on demand."""

import difflib
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from mmfeat.errors import TrainError

if TYPE_CHECKING:
    from mmfeat.fusion.contract import Head, Method

METHODS: dict[str, str] = {
    "mmfeat": "mmfeat.fusion.anchored:METHOD",
    "paper": "mmfeat.fusion.paper:PAPER",
    "logistic": "mmfeat.fusion.logistic:METHOD",
    "average": "mmfeat.fusion.average:METHOD",
    "smd-token": "mmfeat.fusion.paper:SMD_TOKEN",
    "smd-zero": "mmfeat.fusion.paper:SMD_ZERO",
    "random-dropout": "mmfeat.fusion.paper:RANDOM_DROPOUT",
    "concat-zero": "mmfeat.fusion.paper:CONCAT_ZERO",
}
"""Name of each method, and the module and the object in it."""


def get_method(name: str) -> "Method":
    """Return a method by its name.

    Raises:
        TrainError: There is no such method; the message names the nearest one.
    """
    if name not in METHODS:
        near = difflib.get_close_matches(name, METHODS, n=1)
        hint = f"did you mean `{near[0]}`?" if near else "`mmfeat methods` shows all"
        raise TrainError(f"train.methods: unknown method `{name}`; {hint}")
    module, attribute = METHODS[name].split(":")
    method: Method = getattr(import_module(module), attribute)
    return method


def load_head(folder: Path) -> "Head":
    """Read a saved head, whichever method made it.

    Raises:
        TrainError: The folder does not hold a whole head of this version.
    """
    from mmfeat.fusion.head_files import read_description

    return get_method(read_description(folder)["method"]).load(folder)
