"""Arguments and options of the commands of ``mmfeat cache``."""

from pathlib import Path
from typing import Annotated

import typer

CachePath = Annotated[
    Path,
    typer.Argument(
        metavar="PATH",
        help="A cache (the folder of `extract.cache`), a modality's folder in it, one folder in "
        "that, or a settings file.",
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only say what there is to do; write nothing.")
]


def cache_at(path: Path) -> Path:
    """Return the folder that is meant: of a settings file, that of its `extract.cache`."""
    from mmfeat.config.loading import load_project
    from mmfeat.stages.cache_place import cache_on_disk

    if path.suffix.lower() not in (".yaml", ".yml") or path.is_dir():
        return path
    return cache_on_disk(load_project(path))
