"""What a dry run of ``mmfeat extract`` shows: which scans would be looked at, and why."""

from typing import TYPE_CHECKING

from .console import console

if TYPE_CHECKING:
    from mmfeat.stages.extraction.report import ModalityReport

_SHOWN_SCANS = 3


def show_reasons(modality: "ModalityReport") -> None:
    """Print the reasons, the commonest first, each with its first cases."""
    from rich.table import Table

    from mmfeat.size_in_words import size_in_words

    n_scans = sum(len(reason.scans) for reason in modality.reasons)
    console.print(f"{modality.modality}: scans to look at: {n_scans}")
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", no_wrap=True)
    for reason in modality.reasons:
        table.add_row(f"  {len(reason.scans)}", reason.why)
        for field in reason.differences:
            table.add_row("", f"  {field}")
        for (case_id, _), detail in list(reason.scans.items())[:_SHOWN_SCANS]:
            table.add_row("", f"  {case_id}: {detail}" if detail else f"  {case_id}")
        if (more := len(reason.scans) - _SHOWN_SCANS) > 0:
            table.add_row("", f"  and {more} more; --json lists them all")
    console.print(table)
    if modality.n_pending:
        tokens = "" if modality.max_tokens is None else f", with {modality.max_tokens} tokens each"
        size = size_in_words(modality.bytes_to_come)
        console.print(
            f"{modality.modality}: {modality.n_pending} cases take at most {size}{tokens}",
            soft_wrap=True,
        )
