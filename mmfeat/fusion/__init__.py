"""Fusion methods: a table of names and the modules that hold them, imported on demand."""

import difflib
from collections.abc import Collection, Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from mmfeat.errors import TrainError

if TYPE_CHECKING:
    from mmfeat.fusion.contract import Head, Method

METHODS: dict[str, str] = {
    "mmfeat": "mmfeat.fusion.anchored:METHOD",
    "mmfeat-attention": "mmfeat.fusion.anchored:ATTENTION",
    "logistic": "mmfeat.fusion.logistic:METHOD",
    "average": "mmfeat.fusion.average:METHOD",
    "boosting": "mmfeat.fusion.boosting:METHOD",
    "boosting-average": "mmfeat.fusion.boosting:AVERAGE",
    "image-only": "mmfeat.fusion.single:IMAGE_ONLY",
    "image-only-attention": "mmfeat.fusion.single:IMAGE_ONLY_ATTENTION",
    "table-only": "mmfeat.fusion.single:TABLE_ONLY",
    "paper": "mmfeat.fusion.paper:PAPER",
    "paper-attention": "mmfeat.fusion.paper:PAPER_ATTENTION",
    "paper-as-published": "mmfeat.fusion.paper:PUBLISHED",
    "smd-token": "mmfeat.fusion.paper:SMD_TOKEN",
    "smd-zero": "mmfeat.fusion.paper:SMD_ZERO",
    "random-dropout": "mmfeat.fusion.paper:RANDOM_DROPOUT",
    "concat-zero": "mmfeat.fusion.paper:CONCAT_ZERO",
    "daft": "mmfeat.fusion.daft:METHOD",
    "tnf": "mmfeat.fusion.tnf:METHOD",
    "masked-transformer": "mmfeat.fusion.masked_transformer:METHOD",
}
"""Name of each method, and the module and the object in it; `<modality>-only` is one for each
modality, too."""

_ONLY = "-only"


def get_method(name: str) -> "Method":
    """Return a method by its name.

    Raises:
        TrainError: There is no such method; the message names the nearest one.
    """
    if name not in METHODS:
        if name.endswith(_ONLY):
            from mmfeat.fusion.single import only_modality

            return only_modality(name, name.removesuffix(_ONLY))
        near = difflib.get_close_matches(name, METHODS, n=1)
        hint = f"did you mean `{near[0]}`?" if near else "`mmfeat methods` shows all"
        raise TrainError(f"train.methods: unknown method `{name}`; {hint}")
    module, attribute = METHODS[name].split(":")
    method: Method = getattr(import_module(module), attribute)
    return method


def check_modalities(methods: Iterable[str], modalities: Collection[str]) -> None:
    """Raise TrainError when a method is about a modality that there is not."""
    for name in methods:
        if name in METHODS or not name.endswith(_ONLY):
            continue
        if name.removesuffix(_ONLY) in modalities:
            continue
        known = [*METHODS, *(f"{modality}{_ONLY}" for modality in modalities)]
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean `{near[0]}`?" if near else "`mmfeat methods` shows all"
        raise TrainError(
            f"train.methods: `{name}` is no method, and there is no modality "
            f"`{name.removesuffix(_ONLY)}` (there are {', '.join(modalities)}); {hint}"
        )


def load_head(folder: Path) -> "Head":
    """Read a saved head, whichever method made it.

    Raises:
        TrainError: The folder does not hold a whole head of this version.
    """
    from mmfeat.fusion.head_files import read_description

    return get_method(read_description(folder)["method"]).load(folder)
