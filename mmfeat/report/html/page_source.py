"""What a page is made from: the files of a run folder that an evaluation wrote."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mmfeat.errors import EvalError
from mmfeat.report.run_results import PREDICTIONS, RESULTS, check_predictions, check_schema
from mmfeat.report.scored_cases import ScoredCases, View, read_views

RUN, SCANS = "run.json", "scans.json"


@dataclass(frozen=True, eq=False)
class PageSource:
    """Hold the results of one run, its predictions, and what is known of how it was made."""

    name: str
    """Of the run, as its reader knows it."""
    results: Mapping[str, Any]
    evaluated: str = ""
    """When the results were written, in UTC."""
    run: Mapping[str, Any] = field(default_factory=dict)
    views: Mapping[View, ScoredCases] = field(default_factory=dict)
    scans: Mapping[str, Any] = field(default_factory=dict)
    """How scans were judged, and those that are shown."""

    @classmethod
    def read(cls, folder: Path) -> "PageSource":
        """Read a run folder.

        Raises:
            EvalError: There are no results in it, or a file of it cannot be read.
        """
        results = _read_json(folder / RESULTS)
        if results is None:
            raise EvalError(f"{folder}: no {RESULTS}; run `mmfeat eval` first")
        if not {"targets", "methods", "modalities"} <= set(results):
            raise EvalError(f"{folder / RESULTS}: not results of mmfeat; run `mmfeat eval` again")
        check_schema(folder / RESULTS, results)
        kinds = {name: one["kind"] for name, one in results["targets"].items()}
        return cls(
            name=folder.resolve().name,
            results=results,
            evaluated=_written(folder / RESULTS),
            run=_read_json(folder / RUN) or {},
            views=_read_views(folder, results, kinds),
            scans=_read_json(folder / SCANS) or {},
        )

    @property
    def methods(self) -> list[str]:
        """Names of all methods; a method's place is its number everywhere on the page."""
        return list(self.results["methods"])

    @property
    def modalities(self) -> list[str]:
        """Names of all modalities."""
        return list(self.results["modalities"])

    @property
    def everything(self) -> str:
        """The availability of a case that has all modalities."""
        return "+".join(self.modalities)

    def target(self, name: str) -> Mapping[str, Any]:
        """Return the results of one target."""
        found: Mapping[str, Any] = self.results["targets"].get(name, {})
        return found

    def natural(self, target: str) -> Mapping[str, Any]:
        """Return the default method's numbers of a target's cases as they come, or nothing."""
        for entries in self.target(target).get("methods", {}).values():
            return entries["natural"] or {}
        return {}

    def complete(self, target: str, method: str, availability: str) -> ScoredCases | None:
        """Return a method's predictions of the labelled cases that have everything."""
        scored = self.views.get(View(target, method, "simulated", availability))
        full = self.views.get(View(target, method, "simulated", self.everything))
        if scored is None or full is None:
            return None
        return scored.take(np.isin(scored.case_ids, full.labelled().case_ids))


def _written(path: Path) -> str:
    """Return when a file was written; results have no time in them, so as to be comparable."""
    return f"{datetime.fromtimestamp(path.stat().st_mtime, UTC):%Y-%m-%d %H:%M} UTC"


def _read_json(path: Path) -> dict[str, Any] | None:
    """Return the content of a file; None where it is not there."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise EvalError(f"{path}: cannot be read ({error}); run `mmfeat eval` again") from error
    return found


def _read_views(
    folder: Path, results: Mapping[str, Any], kinds: Mapping[str, str]
) -> dict[View, ScoredCases]:
    path = folder / PREDICTIONS
    if not path.is_file():
        raise EvalError(f"{path}: not there; run `mmfeat eval` again")
    check_predictions(folder, results)
    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise EvalError(f"{path}: cannot be read ({error}); run `mmfeat eval` again") from error
    return read_views(frame[frame["target"].isin(list(kinds))], kinds)
