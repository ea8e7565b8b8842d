"""Write the made-up cohort to disk: tables, scans, and last of all the settings."""

import json
import shutil
from collections.abc import Callable, Iterable
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import mmfeat
from mmfeat.core_budget import allotted_cores
from mmfeat.demo.cohort_plan import Case, plan_cohort
from mmfeat.demo.scan_files import write_scan
from mmfeat.demo.tables import manifest_row, truth_row, write_table
from mmfeat.demo.texts import readme_text, settings_text
from mmfeat.demo.workers import run_in_processes
from mmfeat.errors import CohortError, Interrupted
from mmfeat.progress import Progress, Silent
from mmfeat.provenance import write_json, written_atomically

ORIGIN_FILE = "demo.json"
"""Marks a folder as ours and says what it was asked to become."""
SETTINGS_FILE = "mmfeat.yaml"
"""Written last: where it is, the cohort is whole."""
_OURS = (
    "scans",
    "inspect",
    "cache",
    "run",
    "manifest.csv",
    "truth.csv",
    "splits.csv",
    "splits.rule.json",
    "README.md",
    SETTINGS_FILE,
)
_SCANS_WORTH_A_PROCESS = 8
_MOST_PROCESSES = 8
"""A process needs up to 0.8 GB, with the largest size."""


@dataclass(frozen=True)
class Request:
    """Say what cohort is wanted; the same request gives the same files."""

    n_patients: int = 400
    size: int = 96
    """Rows and columns of a slice; the number of slices follows."""
    seed: int = 0
    encoder: str = "intensity-stats"


@dataclass(frozen=True)
class WrittenCohort:
    """Say what was written."""

    folder: str
    settings: str
    n_patients: int
    n_cases: int
    n_scans: int
    n_dicom: int
    broken: tuple[str, ...]


def _never() -> bool:
    return False


def write_cohort(
    folder: Path,
    request: Request,
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
    stopping: Callable[[], bool] = _never,
) -> WrittenCohort:
    """Write the cohort that is asked for into a folder; go on where an earlier attempt stopped.

    Args:
        folder: A new or empty folder, or one where the same request was stopped.
        request: What is wanted.
        overwrite: Replace a made-up cohort that is there, with its splits, cache and results.
        progress: Told of every scan.
        stopping: Asked between scans whether to stop.

    Raises:
        CohortError: The folder holds something else; nothing was changed.
        Interrupted: ``stopping`` said so; the scans that are done stay and are not made again.
    """
    cases = plan_cohort(request.n_patients, request.seed)
    readme = readme_text(cases, version=mmfeat.__version__, seed=request.seed, size=request.size)
    try:
        _claim(folder, request, overwrite=overwrite)
        write_table(folder / "manifest.csv", [manifest_row(case) for case in cases])
        write_table(folder / "truth.csv", [truth_row(case) for case in cases])
        _write_text(folder / "README.md", readme)
        _write_scans(folder, cases, request, progress=progress or Silent(), stopping=stopping)
        _write_text(folder / SETTINGS_FILE, settings_text(request.encoder))
    except OSError as error:
        raise CohortError(
            f"{folder}: cannot be written ({error.strerror}: {error.filename}); give a folder "
            "with room where you may write; the same command goes on"
        ) from error
    except BrokenProcessPool as error:
        raise CohortError(
            f"{folder}: a process that makes scans was killed, perhaps for lack of memory; the "
            "same command goes on from here, with a smaller --size it needs less"
        ) from error
    scans = [case for case in cases if case.scan_format is not None]
    return WrittenCohort(
        folder=str(folder),
        settings=str(folder / SETTINGS_FILE),
        n_patients=request.n_patients,
        n_cases=len(cases),
        n_scans=len(scans),
        n_dicom=sum(case.scan_format == "dicom" for case in scans),
        broken=tuple(case.scan_path for case in cases if case.broken),
    )


def _claim(folder: Path, request: Request, *, overwrite: bool) -> None:
    """Make the folder ours, or raise CohortError and leave it alone."""
    if folder.exists() and not folder.is_dir():
        raise CohortError(f"{folder}: is a file; give the name of a folder to write to")
    wanted = {"made_by": "mmfeat demo", "version": mmfeat.__version__, **asdict(request)}
    origin = folder / ORIGIN_FILE
    if origin.is_file():
        for left_over in folder.glob(".*.removed"):  # by a replacement that was killed
            shutil.rmtree(left_over)
        unfinished = not (folder / SETTINGS_FILE).exists() and _read_origin(origin) == wanted
        if unfinished and not overwrite:
            return
        if not overwrite:
            raise CohortError(
                f"{folder}: holds a made-up cohort already; pass --overwrite to replace it, "
                "its cache and its results, or give another folder"
            )
        _remove_ours(folder)
    elif folder.is_dir() and any(folder.iterdir()):
        raise CohortError(
            f"{folder}: is not empty and not a made-up cohort, so it is left alone, with "
            "--overwrite too; give a new folder"
        )
    (folder / "scans").mkdir(parents=True, exist_ok=True)
    write_json(origin, wanted)


def _read_origin(origin: Path) -> object:
    try:
        return json.loads(origin.read_text())
    except ValueError as error:
        raise CohortError(
            f"{origin}: is not the file that mmfeat demo wrote; give a new folder"
        ) from error


def _remove_ours(folder: Path) -> None:
    (folder / SETTINGS_FILE).unlink(missing_ok=True)  # from here on it is unfinished
    for name in _OURS:
        path = folder / name
        if path.is_dir() and not path.is_symlink():
            # Out of sight in one step, so that nobody takes half a series for a whole one.
            path.replace(folder / f".{name}.removed")
            shutil.rmtree(folder / f".{name}.removed")
        else:
            path.unlink(missing_ok=True)


def _write_scans(
    folder: Path,
    cases: Iterable[Case],
    request: Request,
    *,
    progress: Progress,
    stopping: Callable[[], bool],
) -> None:
    missing = [
        case for case in cases if case.scan_format and not (folder / case.scan_path).exists()
    ]
    progress.start("making scans", len(missing))
    work = partial(write_scan, folder, size=request.size, seed=request.seed)
    n_done = 0
    useful = 1 + len(missing) // _SCANS_WORTH_A_PROCESS
    n_processes = min(allotted_cores(), useful, _MOST_PROCESSES)
    for _ in run_in_processes(work, missing, n_processes=n_processes, stopping=stopping):
        n_done += 1
        progress.advance()
    if n_done < len(missing):
        raise Interrupted(
            f"{n_done} of {len(missing)} scans are made; the same command goes on from here"
        )


def _write_text(path: Path, text: str) -> None:
    with written_atomically(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
