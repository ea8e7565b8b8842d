"""Read what evaluations left in run folders, to compare them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mmfeat.errors import EvalError
from mmfeat.report.evaluated_run import EvaluatedRun
from mmfeat.report.run_comparison import compare_runs
from mmfeat.report.run_results import PREDICTIONS, RESULTS, check_predictions, check_schema
from mmfeat.report.scored_cases import read_views

_AGAIN = "run `mmfeat eval` for it again"


def compare_folders(folders: Sequence[Path], baseline: Path | None = None) -> dict[str, Any]:
    """Compare evaluated runs on the same cases; see `compare_runs`.

    Args:
        folders: Run folders; the baseline is added where it is not among them.
        baseline: The run that the others are compared with; the first one if not given.

    Raises:
        EvalError: A folder is no evaluated run, is named twice, or the runs do not fit together.
    """
    every = list(folders)
    if baseline is not None and not any(_same(baseline, one) for one in every):
        every.insert(0, baseline)
    wanted = every[0] if baseline is None else baseline
    for place, folder in enumerate(every):
        if any(_same(folder, one) for one in every[:place]):
            raise EvalError(f"{folder}: this run is named twice; name each once")
    names = run_names(every)
    runs = [_read(folder, name) for folder, name in zip(every, names, strict=True)]
    name = next(name for folder, name in zip(every, names, strict=True) if _same(folder, wanted))
    return compare_runs(runs, name)


def read_results(folder: Path) -> dict[str, Any]:
    """Return the results of an evaluated run.

    Raises:
        EvalError: The folder is no evaluated run.
    """
    file = folder / RESULTS
    try:
        results: dict[str, Any] = json.loads(file.read_text())
    except (FileNotFoundError, NotADirectoryError):
        raise EvalError(
            f"{folder}: no {RESULTS} there; name the folder of an evaluated run, or run "
            "`mmfeat eval` with its settings file first"
        ) from None
    except ValueError as error:
        raise EvalError(f"{file}: cannot be read ({error}); {_AGAIN}") from error
    lacking = [name for name in ("targets", "intervals", "modalities") if name not in results]
    if lacking:
        raise EvalError(f"{file}: lacks `{lacking[0]}`, so it is of no evaluation; {_AGAIN}")
    check_schema(file, results)
    return results


def run_names(folders: Sequence[Path]) -> list[str]:
    """Return the shortest ends of the paths that tell the folders apart.

    Folders that are all called `run` are named after what they are in.

    Example:
        >>> run_names([Path("a/run"), Path("b/run")]), run_names([Path("x/first"), Path("second")])
        (['a', 'b'], ['first', 'second'])
    """
    paths = [folder.resolve() for folder in folders]
    all_run = all(path.name == "run" for path in paths)
    parts = [path.parent.parts if all_run else path.parts for path in paths]
    for length in range(1, max(map(len, parts)) + 1):
        names = ["/".join(one[-length:]) for one in parts]
        if len(set(names)) == len(names):
            return names
    return [str(path) for path in paths]


def _same(left: Path, right: Path) -> bool:
    return left.resolve() == right.resolve()


def _read(folder: Path, name: str) -> EvaluatedRun:
    results = read_results(folder)
    file = folder / PREDICTIONS
    try:
        frame = pd.read_parquet(file)
    except FileNotFoundError:
        raise EvalError(f"{file}: is not there; {_AGAIN}") from None
    except (ValueError, OSError) as error:
        raise EvalError(f"{file}: cannot be read ({error}); {_AGAIN}") from error
    check_predictions(folder, results)
    kinds = {target: one["kind"] for target, one in results["targets"].items()}
    unknown = sorted(set(frame["target"].astype(str)) - set(kinds))
    if unknown:
        raise EvalError(
            f"{file}: has the target `{unknown[0]}`, which {RESULTS} beside it lacks; {_AGAIN}"
        )
    return EvaluatedRun(name, results, read_views(frame, kinds))
