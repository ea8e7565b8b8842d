"""What an extraction cost, stage by stage, and what it waited for."""

from typing import TYPE_CHECKING

from .console import console

if TYPE_CHECKING:
    from mmfeat.stages.extraction.report import ModalityReport

_SLACK = 0.9
"""Whatever was busy for this share of the time was what the rest waited for."""


def show_account(modality: "ModalityReport") -> None:
    """Print seconds and bytes by stage, and what the limit was; nothing if nothing was done."""
    from rich import box
    from rich.filesize import decimal
    from rich.table import Table

    if not modality.stages:
        return
    table = Table(
        f"{modality.modality}: stage", box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False
    )
    for heading in ("seconds", "bytes", "a second"):
        table.add_column(heading, justify="right")
    for stage, cost in modality.stages.items():
        seconds, n_bytes = cost["seconds"], int(cost["bytes"])
        if not seconds and not n_bytes:  # such as copying, where there is no GPU
            continue
        speed = decimal(round(n_bytes / seconds)) if seconds and n_bytes else ""
        table.add_row(stage, f"{seconds:.1f}", decimal(n_bytes) if n_bytes else "", speed)
    console.print(table)
    console.print(f"{modality.modality}: {limit(modality)}", soft_wrap=True)


def limit(modality: "ModalityReport") -> str:
    """Say in a sentence how busy threads and device were, and so what more of would help."""
    phases = ", ".join(f"{name} {value:.1f}" for name, value in modality.phases_s.items())
    busy = (
        f"seconds: {phases}; {modality.workers} reading threads {modality.reading_busy:.0%} busy, "
        f"device {modality.device_busy:.0%} busy"
    )
    if modality.smallest_batch is not None:
        busy += (
            f"; batches of {modality.smallest_batch} windows, as the device's memory was too small "
            f"for {modality.batch_windows}"
        )
    if modality.device_busy >= _SLACK:
        return f"{busy}: the device is the limit"
    if modality.reading_busy >= _SLACK:
        return f"{busy}: reading is the limit, more cores would help"
    return busy
