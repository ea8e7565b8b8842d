"""Write what the builder of a cohort made: tables, an account of them, and last the settings."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

import mmfeat
from mmfeat.errors import CohortError
from mmfeat.manifest.text_frames import text_frame
from mmfeat.provenance import sha256_of_file, write_json, written_atomically
from mmfeat.public_cohorts.built import TABLE_FILE, BuiltCohort

ACCOUNT_FILE = "manifest.json"
"""What the table was made from, and what was left out."""


@dataclass(frozen=True)
class WrittenCohort:
    """Say what was written."""

    folder: Path
    settings: tuple[Path, ...]
    """The settings files, the one to run first."""
    files: tuple[Path, ...]
    """All files."""


def write_built(
    built: BuiltCohort,
    origin: Mapping[str, object],
    *,
    download: Path,
    output: Path,
    overwrite: bool = False,
) -> WrittenCohort:
    """Write the files of a cohort into a folder, each whole or not at all, the settings last.

    Args:
        built: What is written.
        origin: What it is, for the account: plain JSON values.
        download: The folder with the download. Paths of scans are written relative to ``output``
            where it lies in the same folder as that, or inside it, or around it; else absolute.
        output: Where to write; made where there is none.
        overwrite: Replace files that are there.

    Raises:
        CohortError: A file is there already, or cannot be written.
    """
    base = _base(download, output)
    tables = _relocated(built, base=base)
    beside = [*built.texts, *built.links]
    names = [*beside, *tables, ACCOUNT_FILE, *reversed(list(built.settings))]
    check_room(output, names, overwrite=overwrite)
    settings = [output / name for name in built.settings]
    account = _account(built, origin, download=download)
    try:
        with _taken_back([output / name for name in names]):
            settings[0].unlink(missing_ok=True)  # where it is, everything else is whole
            _write_beside(built, output, base=base)
            for name, table in tables.items():
                _write_table(output / name, table)
            write_json(output / ACCOUNT_FILE, account)
            for file in reversed(settings):
                with written_atomically(file) as partial:
                    partial.write_text(built.settings[file.name], encoding="utf-8")
    except OSError as error:
        raise CohortError(
            f"{output}: cannot be written ({error.strerror}: {error.filename}); give a folder "
            "with room where you may write"
        ) from error
    return WrittenCohort(output, tuple(settings), tuple(output / name for name in names))


@contextmanager
def _taken_back(files: Sequence[Path]) -> Iterator[None]:
    """Remove the files again that are new where the block fails or is stopped."""
    new = [file for file in files if not os.path.lexists(file)]
    try:
        yield
    except BaseException:
        for file in new:
            with suppress(OSError):
                file.unlink()
        raise


def _write_beside(built: BuiltCohort, output: Path, *, base: str) -> None:
    """Write the texts and links of a cohort."""
    for name in (*built.texts, *built.links):
        file = output / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)  # a link there is replaced, not what it leads to
    for name, text in built.texts.items():
        (output / name).write_text(text, encoding="utf-8")
    for name, path in built.links.items():
        (output / name).symlink_to(_from_within(base, name, path))


def _base(download: Path, output: Path) -> str:
    """Return the text that makes paths in the download paths for the tables in the output."""
    there, here = download.resolve(), output.resolve()
    together = there.is_relative_to(here.parent) or here.is_relative_to(there)
    return Path(os.path.relpath(there, here) if together else there).as_posix()


def _from_within(base: str, name: str, path: str) -> str:
    """Return where a link of that name leads to, seen from the folder that the link is in."""
    depth = len(Path(name).parts) - 1
    return f"{base}/{path}" if Path(base).is_absolute() else f"{'../' * depth}{base}/{path}"


def _relocated(built: BuiltCohort, *, base: str) -> Mapping[str, pd.DataFrame]:
    """Return all tables by file name, the manifest last, with paths that start from the output."""
    prefix = "" if base == "." else f"{base}/"
    tables = {}
    for name, table in {**built.extra_tables, TABLE_FILE: built.table}.items():
        columns = [column for column in built.path_columns if column in table.columns]
        moved = {
            column: table[column].map(_moved(prefix), na_action="ignore") for column in columns
        }
        tables[name] = table.assign(**moved)
    return tables


def _moved(prefix: str) -> Any:  # noqa: ANN401 - what Series.map takes
    return lambda cell: ";".join(f"{prefix}{path}" for path in str(cell).split(";"))


def check_room(output: Path, names: Sequence[str], *, overwrite: bool) -> None:
    """Look that files can be written to a folder without replacing any that may not be.

    Raises:
        CohortError: One is there, or the folder is a file.
    """
    if output.exists() and not output.is_dir():
        raise CohortError(f"{output}: is a file; give the name of a folder to write to")
    there = [name for name in names if os.path.lexists(output / name)]
    if there and not overwrite:
        raise CohortError(
            f"{output / there[0]}: is there already; pass --overwrite to replace it and what "
            "else was made, or give another folder"
        )


def _write_table(file: Path, table: pd.DataFrame) -> None:
    with written_atomically(file) as partial:
        if file.suffix == ".parquet":
            table.to_parquet(partial, index=False)
        elif file.suffix == ".csv":
            text_frame(table, ()).to_csv(partial, index=False)
        else:
            raise ValueError(f"tables are written as .csv or .parquet, got {file.name}")


def _account(built: BuiltCohort, origin: Mapping[str, object], *, download: Path) -> dict[str, Any]:
    return {
        "made_by": "mmfeat manifest",
        "version": mmfeat.__version__,
        **origin,
        "sources": [_source(download, file) for file in built.sources],
        "n_cases": len(built.table),
        "n_patients": int(built.table["patient_id"].nunique()),
        "left_out": {reason: list(ids) for reason, ids in built.left_out.items()},
        "notes": list(built.notes),
    }


def _source(download: Path, file: Path) -> dict[str, Any]:
    path = file if file.is_relative_to(download) else download / file
    inside = path.is_relative_to(download)
    return {
        "file": path.relative_to(download).as_posix() if inside else str(path),
        "bytes": path.stat().st_size,
        "sha256": sha256_of_file(path),
    }
