"""``mmfeat cache merge``, ``compact`` and ``rm-stale``: tidy stored features."""

from pathlib import Path
from typing import Annotated

import typer

from .cache_options import CachePath, DryRun, cache_at
from .console import ProgressBar, print_json
from .options import DEFAULT_CONFIG, AsJson, ConfigFile, Overrides
from .stoppable_progress import StoppableProgress
from .stopping import stop_requests


def merge(
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="SOURCE...", help="Caches, modalities' folders, or folders in these."
        ),
    ],
    into: Annotated[
        Path,
        typer.Option(
            "--into",
            metavar="FOLDER",
            help="The cache that takes them over, or a folder in one; made if it is not there.",
        ),
    ],
    tolerance: Annotated[
        float | None,
        typer.Option(
            min=0,
            metavar="SHARE",
            help="Let features of the same scan differ by this share of the largest value, as "
            "they do between devices, and keep the one that is there or comes first; 1e-4 is "
            "ample for float32. Without it they must be equal.",
        ),
    ] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Bring features together that several machines made with the same recipe.

    Other recipes are refused, naming the fields. The sources are only read. A killed
    merge is finished by the same command.

    Example: mmfeat cache merge machine-a/cache machine-b/cache --into cache
    """
    from mmfeat.stages.caches.merge import merge_folders
    from mmfeat.stages.caches.merge_targets import merge_targets

    from .cache_tables import show_merged

    targets = merge_targets(sources, into)
    with stop_requests() as should_stop, ProgressBar() as bar:
        progress = StoppableProgress(bar, should_stop)
        merged = [
            merge_folders(target, tolerance=tolerance, dry_run=dry_run, progress=progress)
            for target in targets
        ]
    if as_json:
        print_json({"folders": [one.to_json() for one in merged], "dry_run": dry_run})
    else:
        show_merged(merged, dry_run=dry_run)


def compact(path: CachePath, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Write all shards of each cache folder as one; an extraction does so at its end.

    Example: mmfeat cache compact cache --dry-run
    """
    from mmfeat.stages.caches.compact import compact_caches

    from .cache_tables import show_compacted

    with stop_requests() as should_stop, ProgressBar() as bar:
        progress = StoppableProgress(bar, should_stop)
        compacted = compact_caches(cache_at(path), dry_run=dry_run, progress=progress)
    if as_json:
        print_json({"folders": [one.to_json() for one in compacted], "dry_run": dry_run})
    else:
        show_compacted(compacted)


def rm_stale(
    config: ConfigFile = DEFAULT_CONFIG,
    overrides: Overrides = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Remove it; without this it is only listed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List what a cache holds that its settings and cohort have no use for; --yes removes it.

    That is: features of other settings, of cases that the manifest does not list, and
    of scans that have changed since; and half-written files of killed processes.

    Where several settings share a cache, each has a use for other features: look at the
    list first.

    Example: mmfeat cache rm-stale mmfeat.yaml
    """
    from mmfeat.config.loading import load_project
    from mmfeat.stages.caches.stale import find_stale
    from mmfeat.stages.caches.stale_removal import remove_stale

    from .cache_stale_list import show_left, show_stale

    project = load_project(config, overrides or [])
    with stop_requests() as should_stop, ProgressBar() as bar:
        progress = StoppableProgress(bar, should_stop)
        found = find_stale(project, progress)
        left = remove_stale(found, progress) if yes else []
    if as_json:
        modalities = [one.to_json() for one in found]
        print_json({"modalities": modalities, "removed": yes, "left": [str(one) for one in left]})
    else:
        show_stale(found, removed=yes)
        show_left(left)
