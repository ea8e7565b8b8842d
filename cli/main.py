"""The program ``mmfeat``: its commands, and how every one of them ends."""

import os
import sys
import threading
import traceback
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

import mmfeat
from mmfeat.disk_trouble import disk_advice, is_of_disk
from mmfeat.errors import Interrupted, MmfeatError, VolumeError

from . import exit_codes
from .cache_command import cache_app
from .config_command import config_app
from .console import messages
from .demo_command import demo
from .doctor_command import doctor
from .encoders_command import encoders_app
from .eval_command import evaluate
from .export_command import export
from .extract_command import extract
from .init_command import init
from .inspect_command import inspect
from .jobs_command import jobs
from .manifest_command import manifest_app
from .predict_command import predict
from .recipes_command import recipes
from .report_command import report
from .run_command import run
from .status_command import status
from .table_command import table_app
from .train_command import methods, train
from .weights_commands import add_weights, fetch, forget_weights, weights


class _StoppedAtOnce(Exception):  # noqa: N818 - it is not an error: everything finished is kept
    """A second signal, or one where nothing listens for the first."""


class _Commands(TyperGroup):
    """Keep KeyboardInterrupt from typer, which would end the program with a code of its own."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - typer's own Context, which it hides
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stop:
            raise _StoppedAtOnce from stop


app = typer.Typer(
    name="mmfeat",
    cls=_Commands,
    help="Multimodal predictions from frozen CT foundation models and clinical records.",
    epilog="A first look, with a made-up cohort: `mmfeat demo demo-cohort`, "
    "then `mmfeat run demo-cohort/mmfeat.yaml`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mmfeat {mmfeat.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the full traceback when something goes wrong.")
    ] = False,
    version: Annotated[  # noqa: ARG001 - handled by its callback
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    if debug:
        os.environ["MMFEAT_DEBUG"] = "1"


app.command()(demo)
app.command()(init)
app.command()(inspect)
app.command()(doctor)
app.command()(run)
app.command()(extract)
app.command()(status)
app.command()(jobs)
app.command()(train)
app.command("eval")(evaluate)
app.command()(report)
app.command()(predict)
app.command()(export)
app.command()(methods)
encoders_app.command()(recipes)
encoders_app.command()(fetch)
encoders_app.command()(add_weights)
encoders_app.command()(weights)
encoders_app.command()(forget_weights)
app.add_typer(encoders_app, name="encoders")
app.add_typer(cache_app, name="cache")
app.add_typer(table_app, name="table")
app.add_typer(manifest_app, name="manifest")
app.add_typer(config_app, name="config")


def main() -> None:
    """Run the program and leave with one of the exit codes."""
    try:
        app()
    except MmfeatError as error:
        _report(error.on_screen if isinstance(error, VolumeError) else str(error))
        sys.exit(exit_codes.USER_CAN_MEND)
    except Interrupted as stop:
        messages.print(f"Stopped: {stop}", soft_wrap=True)
        _leave_at_once()
    except (_StoppedAtOnce, KeyboardInterrupt):
        messages.print(
            "Stopped at once. Everything finished is kept; run the same command to go on."
        )
        _leave_at_once()
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(exit_codes.OUR_FAULT)
    except Exception as error:  # noqa: BLE001 - the last place that can turn it into one line
        if isinstance(error, OSError) and is_of_disk(error):
            _report(_refused_by_disk(error))
            sys.exit(exit_codes.USER_CAN_MEND)
        log = _write_log()
        _report(f"{type(error).__name__}: {error} -- a fault of mmfeat; the traceback is in {log}")
        sys.exit(exit_codes.OUR_FAULT)


def _refused_by_disk(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return (
        f"{where}the disk refuses ({error.strerror}); {disk_advice(error)}, and run the same "
        "command again; everything finished is kept"
    )


def _leave_at_once() -> NoReturn:
    """Leave without waiting for threads that still read or compute: what is finished is stored."""
    if any(thread.name.startswith("mmfeat-") for thread in threading.enumerate()):
        sys.stdout.flush()
        os._exit(exit_codes.STOPPED)
    sys.exit(exit_codes.STOPPED)


def _report(message: str) -> None:
    if os.environ.get("MMFEAT_DEBUG"):
        traceback.print_exc()
    messages.print("error:", style="bold red", end=" ")
    messages.print(message, soft_wrap=True)


def _write_log() -> Path:
    import tempfile

    with tempfile.NamedTemporaryFile("w", prefix="mmfeat-", suffix=".log", delete=False) as log:
        log.write(traceback.format_exc())
    return Path(log.name)
