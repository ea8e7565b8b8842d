"""Show what an examination found: a list of findings, then what was measured and projected."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich import box
from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from mmfeat.wording import counted

from . import console as consoles

if TYPE_CHECKING:
    from mmfeat.stages.doctor.examine import DoctorReport
    from mmfeat.stages.doctor.finding import Finding
    from mmfeat.stages.doctor.projection import Projection
    from mmfeat.stages.doctor.volume import VolumeAccount

_STYLES = {"ok": "green", "warning": "bold yellow", "problem": "bold red"}


def show_report(report: "DoctorReport") -> None:
    """Print all findings, what a scan took, how long the cohort will take, and a last word."""
    console = consoles.console
    console.print(_findings(report.findings))
    for name, exam in report.exams.items():
        if exam.account is not None:
            console.print()
            console.print(_account(name, exam.account))
            console.print(account_sentence(exam.account), style="dim")
        if exam.projection is not None and exam.projection.n_scans:
            console.print()
            console.print(_projection(name, exam.projection))
            console.print(projection_sentence(exam.projection), style="dim")
    console.print()
    console.print(last_word(report))


def _findings(findings: "tuple[Finding, ...]") -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for finding in findings:
        mark = Text(finding.level, style=_STYLES[finding.level])
        grid.add_row(mark, finding.check, finding.message)
        if finding.fix:
            grid.add_row("", "", Text(f"-> {finding.fix}", style="bold"))
    return grid


def _account(name: str, account: "VolumeAccount") -> Table:
    table = _table(f"{name}: one scan", ("seconds", "bytes", "memory"))
    for stage, cost in account.stages.items():
        size = decimal(cost.n_bytes) if cost.n_bytes else ""
        memory = decimal(cost.peak_bytes) if cost.peak_bytes else ""
        table.add_row(stage, f"{cost.seconds:.3f}", size, memory)
    return table


def account_sentence(account: "VolumeAccount") -> str:
    """Say how a scan went through the network, and what the numbers of the table are."""
    batch = account.smallest_batch or account.batch_windows
    n_windows = account.trial.n_windows
    windows = counted(n_windows, "window")
    on_gpu = account.device_peak_bytes
    gpu = "" if on_gpu is None else f", of whose memory {decimal(on_gpu)} were needed"
    return (
        f"{account.trial.path.name}: {windows} in batches of {batch} on "
        f"{account.device}{gpu}; the network took {account.load_s:.1f} s to load. memory: the most "
        "that the process needed for the stage."
    )


def _projection(name: str, projection: "Projection") -> Table:
    if projection.on_cpu:
        table = _table(f"{name}: machines like this", ("time",))
        for row in projection.rows:
            table.add_row(str(row.devices), duration(row.hours))
        return table
    table = _table(f"{name}: devices", ("time", "the limit", "cores needed"))
    for row in projection.rows:
        needed = "" if row.cores_needed is None else str(row.cores_needed)
        table.add_row(str(row.devices), duration(row.hours), row.limit, needed)
    return table


def projection_sentence(projection: "Projection") -> str:
    """Say what the projected times come from, and how far they can be trusted."""
    rates, threads = projection.rates, projection.reading_threads
    reading = f"{rates.reading_s:.2f} s of a reading thread"
    if rates.n_sample > 1:
        reading += f" ({rates.fastest_reading_s:.2f} to {rates.slowest_reading_s:.2f} s)"
    sample = counted(rates.n_sample, "scan")
    if not rates.model_s:
        network = "no network"
    elif projection.on_cpu:
        network = f"{rates.model_s:.2f} s of the network, which add up, as both use the cores"
    else:
        network = (
            f"{rates.model_s:.2f} s of a device; the slower of both is the time. cores needed: "
            "with so many on this machine, its devices never wait"
        )
    return (
        f"{projection.n_scans} scans to do. From {sample}: on average {reading}, {threads} at a "
        f"time, and {network}."
    )


def duration(hours: float) -> str:
    """Return a time in the unit that suits it.

    Example:
        >>> [duration(hours) for hours in (0.001, 0.5, 30.0, 100.0)]
        ['4 s', '30 min', '30.0 h', '4.2 days']
    """
    if hours < 1 / 30:
        return f"{hours * 3600:.0f} s"
    if hours < 2:
        return f"{hours * 60:.0f} min"
    return f"{hours:.1f} h" if hours < 72 else f"{hours / 24:.1f} days"


def last_word(report: "DoctorReport") -> Text:
    """Say whether a run would go through."""
    counts = ", ".join(_counted(report))
    if report.n_problems:
        return Text(f"{counts}: a run would stop; mend what is marked `problem`", style="bold red")
    if report.n_warnings:
        return Text(f"{counts}: nothing would stop a run", style="bold")
    return Text("all is well", style="bold green")


def _counted(report: "DoctorReport") -> Iterator[str]:
    for count, name in ((report.n_problems, "problem"), (report.n_warnings, "warning")):
        if count:
            yield counted(count, name)


def _table(heading: str, columns: tuple[str, ...]) -> Table:
    table = Table(heading, box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right")
    return table
