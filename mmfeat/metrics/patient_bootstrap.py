"""Patient-level bootstrap: percentile intervals, and differences on the same resamples."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from mmfeat.metrics.estimate import Difference, Estimate
from mmfeat.metrics.metric_set import MetricKey, MetricSet
from mmfeat.metrics.patient_resamples import PatientResamples
from mmfeat.metrics.ranked_cases import Array
from mmfeat.metrics.resampled_values import resampled_values

Name = TypeVar("Name", bound=Hashable)

_LEAST_DEFINED_SHARE = 0.5
_CENTRED = ("ece",)
"""Sums of absolute errors: a resample has fewer distinct cases than the sample, so larger errors,
and plain percentiles may lie above the value itself. Their interval is moved so that the median of
the resamples meets the value."""


class _Values(NamedTuple):
    """One metric of one set: of all cases, and of each resample (NaN where undefined)."""

    point: float
    resampled: Array


class _Interval(NamedTuple):
    """An interval, or why there is none."""

    low: float | None
    high: float | None
    undefined_resamples: int
    reason: str | None


class Bootstrap(Generic[Name]):
    """Hold the metrics of several sets of predictions for the same cases, on the same resamples."""

    def __init__(
        self,
        sets: Mapping[Name, MetricSet],
        values: Mapping[Name, Mapping[MetricKey, _Values]],
        *,
        n_patients: int,
        n_resamples: int,
        confidence: float,
    ) -> None:
        self._sets, self._values, self.n_patients = sets, values, n_patients
        tail = 50 * (1 - confidence)
        self._percentiles = [tail, 100 - tail]
        self._method = (
            f"percentile bootstrap, {n_resamples} resamples of patients, {100 * confidence:g} %"
        )

    def keys(self, name: Name) -> list[MetricKey]:
        """Return all metrics of one set."""
        return list(self._values[name])

    def estimate(self, name: Name, key: MetricKey) -> Estimate:
        """Return a metric of all cases with its interval."""
        values, metric_set = self._values[name][key], self._sets[name]
        n, n_positive = metric_set.counts(key)
        found = Estimate(point=None, n=n, n_patients=self.n_patients, n_positive=n_positive)
        if np.isnan(values.point):
            return replace(found, reason=metric_set.reason_undefined(key))
        method, interval = self._method, self._interval(values.resampled)
        if key.metric in _CENTRED and interval.low is not None and interval.high is not None:
            shift = values.point - float(np.nanmedian(values.resampled))
            interval = interval._replace(
                low=max(0.0, interval.low + shift), high=interval.high + shift
            )
            method += ", centred"
        return replace(
            found,
            point=values.point,
            low=interval.low,
            high=interval.high,
            method=method,
            undefined_resamples=interval.undefined_resamples,
            reason=interval.reason or metric_set.left_out(key),
        )

    def difference(self, minuend: Name, subtrahend: Name, key: MetricKey) -> Difference:
        """Return how much larger a metric is for the first set than for the second.

        The p-value is two-sided: twice the smaller share of resamples on either side of zero, those
        at zero counting on both, with one added to each count so that it is never 0.
        """
        return self.combination([(minuend, 1.0), (subtrahend, -1.0)], key)

    def combination(self, parts: Sequence[tuple[Name, float]], key: MetricKey) -> Difference:
        """Return a weighted sum of a metric over some of the sets, on the same resamples.

        A difference is one: 1 of the first and -1 of the second; the area under a curve is another.
        The p-value is that of a sum of zero, as in `difference`.

        Args:
            parts: Sets, and how often each counts; the counts of cases are those of the first.
            key: The metric.
        """
        n, n_positive = self._sets[parts[0][0]].counts(key)
        found = Difference(point=None, n=n, n_patients=self.n_patients, n_positive=n_positive)
        for name, _ in parts:
            if np.isnan(self._values[name][key].point):
                return replace(found, reason=self._sets[name].reason_undefined(key))
        summed = sum(factor * self._values[name][key].resampled for name, factor in parts)
        sums = np.asarray(summed, dtype=np.float64)  # (resamples,)
        interval = self._interval(sums)
        defined = sums[~np.isnan(sums)]
        fewer = min(np.count_nonzero(defined <= 0), np.count_nonzero(defined >= 0))
        return replace(
            found,
            point=sum(factor * self._values[name][key].point for name, factor in parts),
            low=interval.low,
            high=interval.high,
            p=None if interval.low is None else min(1.0, 2 * (fewer + 1) / (len(defined) + 1)),
            method=self._method,
            undefined_resamples=interval.undefined_resamples,
            reason=interval.reason,
        )

    def _interval(self, resampled: Array) -> _Interval:
        defined = resampled[~np.isnan(resampled)]
        undefined = len(resampled) - len(defined)
        if self.n_patients < 2:
            return _Interval(None, None, undefined, "no interval: all cases are of one patient")
        if len(defined) < _LEAST_DEFINED_SHARE * len(resampled):
            reason = f"no interval: undefined in {undefined} of {len(resampled)} resamples"
            return _Interval(None, None, undefined, reason)
        low, high = np.percentile(defined, self._percentiles)
        return _Interval(float(low), float(high), undefined, None)


def bootstrap(
    sets: Mapping[Name, MetricSet],
    patient_ids: ArrayLike,
    *,
    n_resamples: int,
    confidence: float,
    seed: int,
) -> Bootstrap[Name]:
    """Compute all metrics of all sets on the same patient-level resamples.

    Args:
        sets: Sets of predictions for the same cases in the same order, by name.
        patient_ids: Patient of each case: ``(cases,)``.
        n_resamples: Number of resamples.
        confidence: Coverage of the intervals.
        seed: Seed of the resampling.
    """
    n_cases = np.size(np.asarray(patient_ids))
    for name, metric_set in sets.items():
        if metric_set.n_cases != n_cases:
            raise ValueError(
                f"`{name}` has {metric_set.n_cases} cases, but {n_cases} patients are given"
            )
    resamples = PatientResamples(patient_ids, n_resamples=n_resamples, seed=seed)
    of_sets = {id(metric_set): metric_set for metric_set in sets.values()}  # each once
    points = {number: one(np.ones((1, n_cases))) for number, one in of_sets.items()}
    found = resampled_values(of_sets, resamples)
    resampled = {
        number: {
            key: _Values(float(point[0]), found.get(number, {}).get(key, np.empty(0)))
            for key, point in of_set.items()
        }
        for number, of_set in points.items()
    }
    return Bootstrap(
        sets,
        {name: resampled[id(metric_set)] for name, metric_set in sets.items()},
        n_patients=resamples.n_patients,
        n_resamples=n_resamples,
        confidence=confidence,
    )
