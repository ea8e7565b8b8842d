"""Tests of the difference of two sets of predictions of the same cases."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from mmfeat.metrics import Bootstrap
from mmfeat.metrics.corrected_t import corrected_resampled_t
from mmfeat.metrics.holm import holm
from mmfeat.metrics.metric_set import MetricKey
from mmfeat.report.curves import headline_set
from mmfeat.report.delong_results import delong_aurocs
from mmfeat.report.headline import headline_of
from mmfeat.report.scored_cases import ScoredCases
from mmfeat.report.summary import ResultOptions

Name = TypeVar("Name", bound=Hashable)
_OTHER_FOLDS = "the two were predicted with other splits"


class PairedTests(Generic[Name]):
    """Test differences of the first metric between sets of predictions of the same cases.

    Three ways: the bootstrap over patients, which sentences and verdicts use; DeLong's test within
    folds and patients, where there is one AUROC; and the corrected resampled t-test over folds,
    which also minds that other training parts would have made other models.
    """

    def __init__(
        self, cases: Mapping[Name, ScoredCases], found: Bootstrap[Name], options: ResultOptions
    ) -> None:
        self._found, self._options = found, options
        self._places = {name: place for place, name in enumerate(cases)}
        any_cases = next(iter(cases.values()))
        self._same_folds = all(np.array_equal(one.folds, any_cases.folds) for one in cases.values())
        self.headline = MetricKey(headline_of(any_cases.kind).metric)
        self._delong = delong_aurocs(list(cases.values())) if self._same_folds else _OTHER_FOLDS
        self._folds, sizes = np.unique(any_cases.folds, return_counts=True)
        self._test_to_train = float(sizes.mean() / max((len(any_cases) - sizes).mean(), 1))
        self._by_fold = {
            name: self._of_folds(one) for name, one in cases.items() if self._same_folds
        }

    def difference(self, left: Name, right: Name) -> dict[str, Any]:
        """Return the first metric's difference with its bootstrap interval and p-value."""
        return self._found.difference(left, right, self.headline).to_json()

    def of(self, left: Name, right: Name) -> dict[str, Any]:
        """Return all tests of one difference; one that cannot be made is its reason."""
        return {
            "metric": self.headline.metric,
            "p_bootstrap": self.difference(left, right)["p"],
            "delong": self._delong_test(left, right),
            "corrected_t": self._corrected_t(left, right),
        }

    def _delong_test(self, left: Name, right: Name) -> dict[str, Any]:
        if isinstance(self._delong, str):
            return {"reason": self._delong}
        tested = self._delong.difference(
            self._places[left], self._places[right], self._options.confidence
        )
        return {name: _plain(value) for name, value in asdict(tested).items()}

    def _of_folds(self, cases: ScoredCases) -> NDArray[np.float64]:
        """Return the first metric of each test part, NaN where undefined: ``(folds,)``."""
        values = []
        for fold in self._folds:
            part = cases.take(cases.folds == fold)
            weights = np.ones((1, len(part)))
            values.append(headline_set(part, self._options.bins)(weights)[self.headline][0])
        return np.array(values)

    def _corrected_t(self, left: Name, right: Name) -> dict[str, Any]:
        if not self._same_folds:
            return {"reason": _OTHER_FOLDS}
        values = self._by_fold[left] - self._by_fold[right]
        defined = values[~np.isnan(values)]
        if len(defined) < 2:
            return {"reason": f"{len(defined)} of {len(values)} folds has a value; it needs two"}
        tested = corrected_resampled_t(
            defined, self._test_to_train, confidence=self._options.confidence
        )
        sizes = {"n_folds": len(defined), "test_to_train": self._test_to_train}
        return {name: _plain(value) for name, value in asdict(tested).items()} | sizes


def _plain(value: float) -> float | None:
    """Return a number that JSON has; a t or z of differences without any spread is none."""
    return value if np.isfinite(value) else None


def adjusted(tests: Sequence[Mapping[str, Any]], family: str) -> list[dict[str, Any]]:
    """Return the tests of one family of comparisons, with p-values adjusted by Holm's method."""
    p_values = holm([one["p_bootstrap"] for one in tests])
    n_family = sum(p is not None for p in p_values)
    return [
        {**one, "family": family, "n_family": n_family, "p_holm": p}
        for one, p in zip(tests, p_values, strict=True)
    ]
