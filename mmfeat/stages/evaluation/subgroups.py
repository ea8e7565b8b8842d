"""Which groups the settings name, or have without being asked, and their results."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.config.modalities import TableModality, VolumeModality
from mmfeat.config.spelling import did_you_mean
from mmfeat.config.subgroups import Subgroups
from mmfeat.errors import EvalError
from mmfeat.quality.table_row import FACT_COLUMNS
from mmfeat.report.groupings import MOST_GROUPS, Grouping, by_bands, by_text, thirds
from mmfeat.report.scored_cases import ScoredCases, joined
from mmfeat.report.subgroups import subgroups_block
from mmfeat.stages.evaluation.evaluation import Evaluation
from mmfeat.stages.evaluation.scan_facts import scan_facts
from mmfeat.stages.training.open_run import OpenRun
from mmfeat.tabular import RecordColumn

_SEX, _AGE = ("sex", "gender"), ("age", "age_years")


def groupings_of(opened: OpenRun) -> tuple[Grouping, ...]:
    """Return the ways to divide the cohort's cases, in its order.

    Raises:
        EvalError: The settings name a column, a scan or a fact that is not there, bands of what is
            no number, or a number without bands.
    """
    named = opened.project.settings.eval.subgroups
    if named is None:
        return tuple(_usual(opened))
    return tuple(_named(opened, name, one) for name, one in named.items())


def subgroups_of(
    evaluation: Evaluation, target: str, groupings: tuple[Grouping, ...]
) -> dict[str, Any]:
    """Return the block ``subgroups`` of one target."""
    parts: dict[str, list[ScoredCases]] = {}
    for view, cases in evaluation.views_of(target).items():
        if view.regime == "natural":
            parts.setdefault(view.method, []).append(cases)
    natural = {method: joined(sets).labelled() for method, sets in parts.items()}
    if not natural or not len(next(iter(natural.values()))):
        return {"reason": "no case of a test part has a label"}
    first = next(iter(natural.values()))
    natural = {
        method: cases
        for method, cases in natural.items()
        if np.array_equal(cases.case_ids, first.case_ids)
    }
    places = {case_id: row for row, case_id in enumerate(evaluation.opened.cohort.case_ids)}
    rows = np.array([places[case_id] for case_id in first.case_ids], dtype=np.int64)
    return subgroups_block(
        natural,
        [grouping.taken(rows) for grouping in groupings],
        least=evaluation.settings.eval.subgroup_least,
        options=evaluation.options,
    )


def _usual(opened: OpenRun) -> Iterator[Grouping]:
    """Give the groups that most readers ask for, where the settings have their columns."""
    cohort, records = opened.cohort, _record_columns(opened)
    for name, column in records.items():
        if name.lower() in _SEX and column.kind in ("categorical", "boolean"):
            yield by_text(name, f"column `{name}`", _texts_of(opened, name))
        if name.lower() in _AGE and column.kind == "numeric":
            bands = thirds(column.values)
            if bands:
                yield by_bands(name, f"column `{name}`, in thirds", column.values, bands)
    if cohort.sites is not None:
        texts = [site or None for site in cohort.sites]
        yield by_text("site", f"column `{opened.project.settings.cohort.site}`", texts)


def _named(opened: OpenRun, name: str, wanted: Subgroups) -> Grouping:
    where = f"eval.subgroups.{name}"
    if wanted.column is not None:
        source, texts = f"column `{wanted.column}`", _texts_of(opened, wanted.column, where)
        declared = _record_columns(opened).get(wanted.column)
        if wanted.bands and declared is not None and declared.kind == "numeric":
            return by_bands(name, source, declared.values, wanted.bands)
    else:
        source = f"`{wanted.fact}` of the scans of `{wanted.scan}`"
        texts = _facts_of(opened, where, str(wanted.scan), str(wanted.fact))
    numbers, wrong = _numbers(texts)
    if wanted.bands:
        if wrong is not None:
            raise EvalError(
                f"{where}: bands are for numbers, but {source} has `{wrong}`; leave bands out, or "
                "name a column of numbers"
            )
        return by_bands(name, source, numbers, wanted.bands)
    if wrong is None and len(np.unique(numbers[~np.isnan(numbers)])) > MOST_GROUPS:
        raise EvalError(
            f"{where}: {source} has numbers, more than {MOST_GROUPS} different ones; give bands, "
            "such as [50, 65]"
        )
    return by_text(name, source, texts)


def _record_columns(opened: OpenRun) -> dict[str, RecordColumn]:
    return {
        name: column
        for modality, table in opened.table.records.items()
        if isinstance(opened.project.settings.modalities[modality], TableModality)
        for name, column in table.columns.items()
    }


def _texts_of(opened: OpenRun, column: str, where: str = "") -> list[str | None]:
    frame = opened.cohort.frame
    if column not in frame:
        known = [str(name) for name in frame.columns]
        raise EvalError(
            f"{where}: the manifest has no column `{column}`{did_you_mean(column, known)}"
        )
    return [None if value != value else str(value) for value in frame[column]]


def _facts_of(opened: OpenRun, where: str, scan: str, fact: str) -> list[str | None]:
    """Return a fact of the first scan of each case, as the cache has it."""
    project = opened.project
    modality = project.settings.modalities.get(scan)
    if not isinstance(modality, VolumeModality):
        volumes = [
            name
            for name, one in project.settings.modalities.items()
            if isinstance(one, VolumeModality)
        ]
        raise EvalError(
            f"{where}: `{scan}` is no modality of scans{did_you_mean(scan, volumes)} (there are: "
            f"{', '.join(volumes) or 'none'})"
        )
    known = [name for name in FACT_COLUMNS if name not in ("notes", "version")]
    if fact not in known:
        raise EvalError(
            f"{where}: nothing called `{fact}` is known of a scan (the names are those of "
            f"quality.parquet){did_you_mean(fact, known)}"
        )
    found = scan_facts(opened, scan, modality)
    return [found.get(case_id, {}).get(fact) for case_id in opened.cohort.case_ids]


def _numbers(texts: list[str | None]) -> tuple[NDArray[np.float64], str | None]:
    """Return texts as numbers, NaN where unknown, and the first that is none."""
    numbers = np.full(len(texts), np.nan)
    for row, text in enumerate(texts):
        if text is not None:
            try:
                numbers[row] = float(text)
            except ValueError:
                return numbers, text
    return numbers, None
