"""``mmfeat cache info``, ``verify`` and ``diff``: look at stored features; nothing is changed."""

from pathlib import Path
from typing import Annotated

import typer

from . import exit_codes
from .cache_options import CachePath, cache_at
from .console import ProgressBar, print_json
from .options import AsJson
from .stoppable_progress import StoppableProgress
from .stopping import stop_requests


def info(path: CachePath, as_json: AsJson = False) -> None:
    """Show what is in a cache, and what its features were made with.

    The exit code is 3 when a folder is damaged.

    Example: mmfeat cache info cache
    """
    from mmfeat.cache.browsing import open_caches
    from mmfeat.cache.contents import describe_cache

    from .cache_tables import show_contents

    contents = [describe_cache(folder) for folder in open_caches(cache_at(path))]
    if as_json:
        print_json({"folders": [one.to_json() for one in contents]})
    else:
        show_contents(contents)
    damaged = any(one.damage for one in contents)
    raise typer.Exit(exit_codes.SOME_FAILED if damaged else exit_codes.DONE)


def verify(path: CachePath, as_json: AsJson = False) -> None:
    """Read every byte of a cache and check it against its digests.

    The exit code is 3 when something is wrong; each problem says what to do.

    Example: mmfeat cache verify cache
    """
    from mmfeat.stages.caches.verify import verify_caches

    from .cache_tables import show_verified

    with stop_requests() as should_stop, ProgressBar() as bar:
        report = verify_caches(cache_at(path), StoppableProgress(bar, should_stop))
    if as_json:
        print_json(report.to_json())
    else:
        show_verified(report)
    raise typer.Exit(exit_codes.SOME_FAILED if report.n_problems else exit_codes.DONE)


def diff(
    left: Annotated[
        Path, typer.Argument(metavar="A", help="A folder with the features of one recipe.")
    ],
    right: Annotated[Path, typer.Argument(metavar="B", help="Another one.")],
    tolerance: Annotated[
        float,
        typer.Option(
            min=0,
            metavar="SHARE",
            help="Largest difference of two values that counts as equal, as a share of the "
            "largest value of the feature; by default every value must be equal.",
        ),
    ] = 0.0,
    as_json: AsJson = False,
) -> None:
    """Compare two cache folders: their recipes, their cases, and every common feature.

    The exit code is 0 when both hold the same scans and equal features, else 3.
    Differences of the recipes are shown, but do not count.

    Example: mmfeat cache diff cache/ct other-cache/ct --tolerance 1e-5
    """
    from mmfeat.cache.browsing import open_one_cache
    from mmfeat.cache.comparing import compare_caches

    from .cache_comparison import show_comparison

    found = compare_caches(open_one_cache(cache_at(left)), open_one_cache(cache_at(right)))
    equal = found.equal_within(tolerance)
    if as_json:
        print_json({**found.to_json(), "tolerance": tolerance, "equal": equal})
    else:
        show_comparison(found, tolerance)
    raise typer.Exit(exit_codes.DONE if equal else exit_codes.SOME_FAILED)
