"""What the builder of a public cohort hands over: tables, settings, and an account of both."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

TABLE_FILE = "table.csv"
"""The manifest, as the settings name it."""


@dataclass(frozen=True)
class BuiltCohort:
    """Hold everything that is written for a cohort, and what is said about it."""

    table: pd.DataFrame
    """The manifest, one row a case, written as ``table.csv``: texts, numbers, or NaN for an empty
    cell. It has the columns ``case_id`` and ``patient_id``."""
    settings: Mapping[str, str]
    """Texts of settings files by their names; the first is the one to run. Their manifest is
    ``table.csv``."""
    extra_tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """More tables by file name: ``.csv`` (such as ``scans.csv``, one row a scan) or ``.parquet``
    (such as embeddings)."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """More texts by file name, which may have a folder, such as headers for scans without one."""
    links: Mapping[str, str] = field(default_factory=dict)
    """Symbolic links by file name, each to a path of the download, relative to it; for what has to
    lie beside one of the texts."""
    path_columns: tuple[str, ...] = ()
    """Columns, of any of the tables, whose cells are paths of files or folders of the download,
    relative to it; several in one cell are separated by ``;``."""
    sources: tuple[Path, ...] = ()
    """Files of the download that were read, as found in it or relative to it; their digests
    are kept."""
    notes: tuple[str, ...] = ()
    """What the user should know, a sentence each."""
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Why something was left out, and the ids of what was. Nothing is left out in silence."""
