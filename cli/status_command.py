"""``mmfeat status``: where extraction stands, and why cases have no feature."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mmfeat.wording import first_and_more, first_few

from .console import console, print_json
from .options import DEFAULT_CONFIG, AsJson, Overrides

if TYPE_CHECKING:
    from mmfeat.cache import Running
    from mmfeat.stages.extraction.other_features import OtherFeatures
    from mmfeat.stages.extraction.status import ModalityStatus


class CaseState(StrEnum):
    """What `--cases` takes."""

    done = "done"
    running = "running"
    pending = "pending"
    failed = "failed"
    rejected = "rejected"
    absent = "absent"


_MEANINGS = {
    CaseState.done: "have a feature of the scan as it is",
    CaseState.running: "being read or embedded now",
    CaseState.pending: "to be done by `mmfeat extract`",
    CaseState.failed: "cannot be read or embedded",
    CaseState.rejected: "read, but not good enough for the settings",
    CaseState.absent: "without a scan in the manifest",
}
_SHOWN_REASONS, _SHOWN_DIFFERENCES, _SHOWN_IN_FLIGHT = 20, 4, 4


def status(
    place: Annotated[
        Path, typer.Argument(metavar="CONFIG", help="Settings file, or a folder of a cache.")
    ] = DEFAULT_CONFIG,
    overrides: Overrides = None,
    cases: Annotated[
        CaseState | None,
        typer.Option(help="Only list the cases in this state, one a line, for scripts."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show how many cases are done, running, pending, failed or rejected, and why.

    No scan is opened and nothing written. The exit code is 0 whatever the state of the cases.

    Of a cache's folder alone it is not known who is pending: give the settings for that.

    Example: mmfeat status --cases failed
    """
    from mmfeat.config.loading import load_project
    from mmfeat.errors import ConfigError
    from mmfeat.stages.extraction.status import cache_status
    from mmfeat.stages.extraction.status import status as status_of

    if place.is_dir():
        if overrides:
            raise ConfigError(f"{place}: --set needs a settings file, and this is a folder")
        report = cache_status(place)
    else:
        report = status_of(load_project(place, overrides or []))
    if cases is not None:
        listed = report.cases(cases.value)
        if as_json:
            print_json(listed)
        else:
            typer.echo("".join(f"{case_id}\n" for case_id in listed), nl=False)
    elif as_json:
        print_json(report.to_json())
    else:
        for number, modality in enumerate(report.modalities):
            console.print(end="\n" if number else "")
            _show(modality)


def _show(modality: "ModalityStatus") -> None:
    from rich.table import Table

    tokens = f", up to {modality.max_tokens} tokens a scan" if modality.max_tokens else ""
    _line(f"{modality.name}: {modality.encoder}{tokens}, {modality.cache}")
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right")
    for state, cases in modality.cases.items():
        table.add_row(f"  {len(cases)}", state, _MEANINGS[CaseState(state)])
    console.print(table)
    for one in modality.running:
        _line(running_sentence(one))
    _show_reasons(modality)
    if modality.last_run is not None:
        _line(_last_run_sentence(modality.last_run))
    for other in modality.others:
        _line(_other_sentence(other))


def _show_reasons(modality: "ModalityStatus") -> None:
    from rich.table import Table

    if not modality.reasons:
        return
    _line("why they failed or were rejected:")
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", no_wrap=True)
    for group in modality.reasons[:_SHOWN_REASONS]:
        more = ", ..." if group.n_cases > len(group.cases) else ""
        why = group.reason if group.n_cases > 1 else group.example
        table.add_row(f"  {group.n_cases}", f"{why} ({', '.join(group.cases)}{more})")
    console.print(table)
    if (more_kinds := len(modality.reasons) - _SHOWN_REASONS) > 0:
        _line(f"  and {more_kinds} more kinds")
    _line(f"every reason in full: {modality.cache / 'failures.csv'}")


def running_sentence(one: "Running") -> str:
    """Say how far an extraction is."""
    parts = [f"{one.n_done} of {one.n_jobs} cases"]
    if one.cases_per_s:
        parts.append(f"{one.cases_per_s:.2f} a second")
    if one.eta_s is not None:
        parts.append(f"about {in_words(one.eta_s)} left")
    if one.in_flight:
        parts.append(f"now {first_few(one.in_flight, _SHOWN_IN_FLIGHT)}")
    where = f"{one.host}, process {one.pid}"
    where += f", shard {one.shard}" if one.shard else ""
    return f"running on {where}, since {one.since}: {', '.join(parts)}"


def in_words(elapsed_s: float) -> str:
    """Return a time in its two largest units.

    Example:
        >>> in_words(42), in_words(3720), in_words(200_000)
        ('42 s', '1 h 2 min', '2 d 7 h')
    """
    seconds = round(elapsed_s)
    for unit, small, size_s, small_s in (("d", "h", 86400, 3600), ("h", "min", 3600, 60)):
        if seconds >= size_s:
            return f"{seconds // size_s} {unit} {seconds % size_s // small_s} {small}"
    return f"{seconds // 60} min {seconds % 60} s" if seconds >= 60 else f"{elapsed_s:.3g} s"


def _last_run_sentence(account: Mapping[str, Any]) -> str:
    done, failed = account.get("n_extracted", 0), account.get("n_failed", 0)
    took = in_words(account.get("wall_s", 0.0))
    return (
        f"last extraction: ended {account['ended']}, embedded {done} in {took}, "
        f"{failed} failed or rejected"
    )


def _other_sentence(other: "OtherFeatures") -> str:
    return (
        f"features of other settings: {len(other.cases)}, in {other.folder.name}: "
        f"{first_differences(other.differences)}"
    )


def first_differences(differences: Sequence[str]) -> str:
    """Name the first fields that differ, and how many more there are."""
    return first_and_more(differences, _SHOWN_DIFFERENCES)


def _line(text: str) -> None:
    console.print(text, soft_wrap=True)
