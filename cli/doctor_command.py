"""``mmfeat doctor``: whether this machine, and a project on it, are fit for a long run."""

from pathlib import Path
from typing import Annotated

import typer

from . import exit_codes
from .console import ProgressBar, print_json
from .options import AsJson, Overrides, TrustCode


def doctor(
    config: Annotated[
        Path | None,
        typer.Argument(
            metavar="CONFIG", help="Settings file; without one, the machine alone is examined."
        ),
    ] = None,
    overrides: Overrides = None,
    sample: Annotated[
        int, typer.Option(min=1, metavar="N", help="Try N scans, spread over the cohort.")
    ] = 5,
    no_volume: Annotated[
        bool,
        typer.Option("--no-volume", help="Take no scan through the network; nothing is projected."),
    ] = False,
    devices: Annotated[
        str,
        typer.Option(metavar="N,N,...", help="Project the time for so many devices."),
    ] = "1,2,4,8",
    trust_code: TrustCode = False,
    as_json: AsJson = False,
) -> None:
    """Examine the machine, and what the settings name, before a long run; each fault has its fix.

    Scans are tried from end to end, and the time for the cohort is projected. Nothing is stored.

    The exit code is 2 when something would stop a run, and 0 when there are only warnings.

    Example: mmfeat doctor

    Example: mmfeat doctor mmfeat.yaml --sample 20 --devices 1,4
    """
    from mmfeat.errors import Interrupted
    from mmfeat.stages.doctor.examine import examine

    from .doctor_screen import show_report

    wanted = _counts(devices)
    try:
        with ProgressBar() as progress:
            report = examine(
                config,
                overrides or [],
                sample=sample,
                volume=not no_volume,
                devices=wanted,
                progress=progress,
                trust_code=trust_code,
            )
    except KeyboardInterrupt as stop:
        raise Interrupted("nothing is left behind; run the same command again") from stop
    if as_json:
        print_json(report.to_json())
    else:
        show_report(report)
    raise typer.Exit(exit_codes.USER_CAN_MEND if report.n_problems else exit_codes.DONE)


def _counts(text: str) -> list[int]:
    from mmfeat.errors import ConfigError

    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise ConfigError(f"--devices {text}: must be numbers such as 1,2,4; separate them by `,`")
    return [int(part) for part in parts]
