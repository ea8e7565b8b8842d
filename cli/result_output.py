"""Results as tables for papers, on the screen or in a file."""

import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from .console import messages


class TableFormat(StrEnum):
    """How a table is written."""

    LATEX = "latex"
    CSV = "csv"
    MARKDOWN = "markdown"


def check_output(
    table: TableFormat | None, output: Path | None, *, as_json: bool, overwrite: bool
) -> None:
    """Refuse options that contradict each other before anything is computed.

    Raises:
        ConfigError: They do, or the file is there already.
    """
    from mmfeat.errors import ConfigError

    if table is not None and as_json:
        raise ConfigError("--table and --json: both print the results; give one of them")
    if output is not None and table is None:
        raise ConfigError(f"--output {output}: say how to write it, such as --table latex")
    if output is not None and output.exists() and not overwrite:
        raise ConfigError(f"--output {output}: is there already; name another or add --overwrite")


def write_table(comparison: Mapping[str, Any], table: TableFormat, output: Path | None) -> None:
    """Print a table of the methods, or write it to a file."""
    from mmfeat.provenance import written_atomically
    from mmfeat.report.method_table import FORMATS

    text = FORMATS[table.value](comparison)
    if output is None:
        sys.stdout.write(text)
        return
    with written_atomically(output) as partial:
        partial.write_text(text, encoding="utf-8")
    messages.print(f"Written: {output}", soft_wrap=True)
