"""``mmfeat encoders fetch``, ``add-weights``, ``weights`` and ``forget-weights``."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from . import exit_codes
from .console import console, messages, print_json
from .encoders_command import EncoderName
from .options import AsJson
from .stopping import stop_requests
from .weights_shown import dry_run_as_json, print_here, print_plan, print_result

Which = Annotated[
    str | None,
    typer.Option(
        "--file", metavar="WHICH", help="Where several files are published: name or place of one."
    ),
]
To = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Put the file there, to carry it to a machine without network; it does not become "
        "the weights of this one.",
    ),
]
Yes = Annotated[
    bool, typer.Option("--yes", help="Agree with the licence that is shown; do not ask.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be fetched, how large, and stop.")
]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace the weights that the encoder has here.")
]
LocalFile = Annotated[Path, typer.Argument(metavar="FILE", help="File with the weights.")]
Link = Annotated[
    bool,
    typer.Option(
        "--link/--copy", help="Leave the file where it is and remember the place, or copy it."
    ),
]


def fetch(
    name: EncoderName,
    which: Which = None,
    to: To = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Download an encoder's weights; shows the licence and asks first. Nothing else downloads.

    Example: mmfeat encoders fetch suprem-segresnet --dry-run
    """
    from mmfeat.stages.weights.fetch_plan import plan_fetch
    from mmfeat.stages.weights.fetching import adopt
    from mmfeat.stages.weights.fetching import fetch as fetch_file

    from .download_bar import DownloadBar

    plan = plan_fetch(name, which=which, to=to)
    found = None if overwrite else plan.here()
    if found is not None and not dry_run:
        if found.kept_in == "hub cache" and found.record is None:
            messages.print("in the hub's cache already; checking the file", soft_wrap=True)
            print_result(name, adopt(name, found), as_json=as_json)
        else:
            print_result(name, found, as_json=as_json)
        return
    remote = plan.ask()
    print_plan(plan, remote, found)
    if dry_run:
        if as_json:
            print_json(dry_run_as_json(plan, remote, found))
        return
    _ask_agreement(yes)
    with stop_requests() as should_stop, DownloadBar() as progress:
        result = fetch_file(
            plan, remote, overwrite=overwrite, progress=progress, should_stop=should_stop
        )
    print_result(name, result, as_json=as_json)


def add_weights(
    name: EncoderName,
    file: LocalFile,
    link: Link = False,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Make a file on this machine an encoder's weights, after checking that every tensor fits.

    Example: mmfeat encoders add-weights ct-fm /mnt/usb/model.safetensors
    """
    from mmfeat.stages.weights.adding import add_weights as add

    from .download_bar import DownloadBar

    with DownloadBar() as progress:
        record = add(name, file, leave_there=link, overwrite=overwrite, progress=progress)
    print_result(name, record, as_json=as_json)


def weights(as_json: AsJson = False) -> None:
    """Show which encoders have their weights on this machine, and where.

    Example: mmfeat encoders weights --json
    """
    from mmfeat.stages.weights.here import weights_here

    here = weights_here()
    if as_json:
        print_json(here.to_json())
    else:
        print_here(here)


def forget_weights(name: EncoderName) -> None:
    """Remove an encoder's weights from the folder of weights; files kept elsewhere stay.

    Example: mmfeat encoders forget-weights ct-fm
    """
    from mmfeat.encoders import encoder_class
    from mmfeat.weights_store.folder import WeightsStore

    encoder_class(name)
    store = WeightsStore()
    record = store.forget(name)
    if record is None:
        text = f"{name}: nothing was remembered in {store.root}"
    elif store.keeps(record):
        text = f"{name}: removed {record.file}"
    else:
        text = f"{name}: forgotten; {record.file} is not in the folder of weights, and stays"
    console.print(text, soft_wrap=True)


def _ask_agreement(yes: bool) -> None:
    from mmfeat.errors import ConfigError

    if yes:
        return
    if not sys.stdin.isatty():
        raise ConfigError(
            "nobody is here to be asked; if you agree with the licences above, run it with --yes"
        )
    messages.print("Download it under these licences? [y/N]", end=" ")
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        messages.print("Nothing was downloaded.")
        raise typer.Exit(exit_codes.USER_CAN_MEND)
