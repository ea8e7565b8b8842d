"""The predictions of new cases: as a table, as JSON, as a file with its provenance."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmfeat.errors import EvalError
from mmfeat.provenance import sha256_of_file, write_json, written_atomically
from mmfeat.stages.predicting.target_answers import TargetAnswers

MOST_SETS = 15
"""Of modalities that have a column each, which are all sets of four; or else only single ones."""
PROVENANCE_ENDING = ".json"


@dataclass(frozen=True)
class Predicted:
    """Hold what is said of new cases.

    All are in the order of the cases, those that could not be predicted among them.
    """

    case_ids: tuple[str, ...]
    patient_ids: tuple[str, ...]
    modalities: tuple[str, ...]
    availability: tuple[str, ...]
    """What was used of each case; empty where nothing was there."""
    targets: tuple[TargetAnswers, ...]
    """Of all cases; NaN throughout where nothing was there."""
    farther: Mapping[str, NDArray[np.float64]]
    """For each modality of vectors, the share of known cases that are as far; ``(cases,)``."""
    flags: tuple[tuple[str, ...], ...]
    """What is remarkable of each case."""
    failed: Mapping[str, str]
    """Why a case has no prediction."""
    incomplete: Mapping[str, tuple[str, ...]]
    """Scans of cases that could not be used, with the reasons."""
    provenance: Mapping[str, Any]
    """What the predictions were made with and how."""
    notes: tuple[str, ...] = ()

    @property
    def has_failures(self) -> bool:
        """Say whether a case or a scan failed."""
        return bool(self.failed or self.incomplete)

    @property
    def frame(self) -> pd.DataFrame:
        """Return a row for each case, target and output; see docs/predicting.md."""
        parts = [self._frame_of(answers) for answers in self.targets]
        return pd.concat(parts, ignore_index=True)

    def _frame_of(self, found: TargetAnswers) -> pd.DataFrame:
        n_outputs = len(found.outputs)

        def each(values: Sequence[object] | NDArray[Any]) -> NDArray[Any]:
            return np.repeat(np.asarray(values, dtype=object), n_outputs)

        coverage = found.coverage
        columns: dict[str, Any] = {
            "case_id": each(self.case_ids),
            "patient_id": each(self.patient_ids),
            "target": found.target,
            "output": np.tile(np.asarray(found.outputs, dtype=object), len(self.case_ids)),
            "availability": each(self.availability),
            "prediction": found.answers.ravel(),
            "spread": found.spread.ravel(),
            "low": coverage.low.ravel(),
            "high": coverage.high.ravel(),
            "prediction_set": coverage.sets.ravel(),
            "p_true": coverage.p_true.ravel(),
            "p_false": coverage.p_false.ravel(),
            "compared_with": each(found.compared_with),
            "base_rate": np.tile(found.base_rates, len(self.case_ids)),
        }
        for name in self.modalities:
            columns[f"contribution_{name}"] = found.contributions[name].ravel()
        for name in self._shown_sets():
            nothing = np.full(found.answers.shape, np.nan)
            columns[f"prediction_{name}"] = found.through.get(name, nothing).ravel()
        for name, shares in self.farther.items():
            columns[f"as_far_{name}"] = each(shares).astype(np.float64)
        columns["flags"] = each(["; ".join(flags) for flags in self.flags])
        columns["failed"] = each([self.failed.get(case_id, "") for case_id in self.case_ids])
        return pd.DataFrame(columns)

    def _shown_sets(self) -> Iterator[str]:
        """Name the sets of modalities that have a column, whether a case has them or not."""
        for size in range(1, len(self.modalities) + 1):
            if size == 1 or 2 ** len(self.modalities) <= MOST_SETS + 1:
                for members in combinations(self.modalities, size):
                    yield "+".join(members)

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain values, case by case."""
        cases = []
        for row, case_id in enumerate(self.case_ids):
            case: dict[str, Any] = {
                "case_id": case_id,
                "patient_id": self.patient_ids[row],
                "availability": self.availability[row],
                "flags": list(self.flags[row]),
                "as_far": {name: _plain(shares[row]) for name, shares in self.farther.items()},
            }
            if case_id in self.failed:
                case["failed"] = self.failed[case_id]
            else:
                case["targets"] = {one.target: _target_json(one, row) for one in self.targets}
            cases.append(case)
        return {"cases": cases, "notes": list(self.notes), "provenance": dict(self.provenance)}


def check_output(file: Path, *, overwrite: bool) -> None:
    """See that predictions can be written to a file, before anything is embedded.

    Raises:
        EvalError: Its ending is no table's, or it is there already.
    """
    if file.suffix.lower() not in (".csv", ".parquet"):
        raise EvalError(f"--output {file}: ends in neither .csv nor .parquet")
    for path in (file, provenance_file(file)):
        if path.exists() and not overwrite:
            raise EvalError(f"{path}: is there already; name another --output, or pass --overwrite")


def provenance_file(file: Path) -> Path:
    """Return where the provenance of a table stands."""
    return file.with_name(file.name + PROVENANCE_ENDING)


def write_predicted(predicted: Predicted, file: Path) -> None:
    """Write the table as CSV or Parquet by the ending of its name, and its provenance beside it.

    The provenance comes last and has the table's digest; that of a table from before goes first.
    """
    provenance_file(file).unlink(missing_ok=True)
    with written_atomically(file) as partial:
        if file.suffix.lower() == ".parquet":
            predicted.frame.to_parquet(partial, index=False)
        else:
            predicted.frame.to_csv(partial, index=False)
    write_json(
        provenance_file(file),
        {
            **predicted.provenance,
            "table_sha256": sha256_of_file(file),
            "notes": list(predicted.notes),
            "failed": dict(predicted.failed),
            "scans_not_used": {name: list(why) for name, why in predicted.incomplete.items()},
        },
    )


def _target_json(found: TargetAnswers, row: int) -> dict[str, Any]:
    coverage = found.coverage
    outputs = {}
    for place, name in enumerate(found.outputs):
        at = (row, place)
        outputs[name] = {
            "prediction": _plain(found.answers[at]),
            "spread": _plain(found.spread[at]),
            "interval": _interval(coverage.low[at], coverage.high[at], found.kind),
            "set": None if coverage.sets[at] is None else str(coverage.sets[at]),
            "p_true": _plain(coverage.p_true[at]),
            "p_false": _plain(coverage.p_false[at]),
            "base_rate": _plain(found.base_rates[place]),
            "contributions": {
                modality: _plain(parts[at])
                for modality, parts in found.contributions.items()
                if not np.isnan(parts[at])
            },
            "by_availability": {
                availability: _plain(answers[at])
                for availability, answers in found.through.items()
                if not np.isnan(answers[at])
            },
        }
    return {
        "kind": found.kind,
        "compared_with": found.compared_with[row],
        "outputs": outputs,
    }


def _interval(low: float, high: float, kind: str) -> dict[str, float | None] | None:
    """Return the ends; an end that nothing is known of is null."""
    if kind != "regression":
        return None
    return {"low": _plain(low), "high": _plain(high)}


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
