"""Each set of predictions of the test parts, beside what the validation parts show of its heads."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from mmfeat.report.results import sorted_availabilities
from mmfeat.report.scored_cases import ScoredCases, View, joined

_T = TypeVar("_T")

Parts = Mapping[str, ScoredCases]
"""Cases by the modalities that are seen of them."""


@dataclass(frozen=True)
class ViewPair:
    """Hold the predictions of one method in one regime, for test parts and validation parts.

    Of a simulated view there is one availability; natural cases are together, and each of them is
    of its own.
    """

    method: str
    regime: str
    name: str
    """Of a simulated view its availability; else ``natural``."""
    test: Parts
    validation: Mapping[int, Parts]
    """By fold. Labelled cases only."""

    @property
    def kind(self) -> str:
        """Return the kind of the target."""
        return next(iter(self.test.values())).kind

    @property
    def cases(self) -> ScoredCases:
        """Return the cases of all test parts, those with a label."""
        return joined(list(self.test.values())).labelled()

    def validation_cases(self, fold: int) -> ScoredCases | None:
        """Return the cases of a fold's validation part, None where nothing is known of them."""
        parts = list(self.validation.get(fold, {}).values())
        return joined(parts) if parts else None


def view_pairs(
    views: Mapping[View, ScoredCases],
    validation: Mapping[int, Mapping[View, ScoredCases]],
    *,
    methods: Sequence[str],
    modalities: Sequence[str],
) -> Iterator[ViewPair]:
    """Give the pairs of one target: of each method its simulated views, then the natural cases.

    Args:
        views: Predictions of the target's test parts.
        validation: For each fold the predictions of its validation part, of any targets.
        methods: Methods, in order.
        modalities: All modalities, in order.
    """
    for method in methods:
        own = [view for view in views if view.method == method]
        names = sorted_availabilities(
            [view.availability for view in own if view.regime == "simulated"], modalities
        )
        simulated = {view.availability: view for view in own if view.regime == "simulated"}
        for name in names:
            yield _pair(views, validation, [simulated[name]], name=name)
        natural = [view for view in own if view.regime == "natural"]
        if natural:
            yield _pair(views, validation, natural, name="natural")


def _pair(
    views: Mapping[View, ScoredCases],
    validation: Mapping[int, Mapping[View, ScoredCases]],
    wanted: Sequence[View],
    *,
    name: str,
) -> ViewPair:
    of_folds = {}
    for fold, of_fold in validation.items():
        # A set of modalities that no test case has may be one of the validation part.
        there = [
            view
            for view in of_fold
            if view[:3] == wanted[0][:3] and (name == "natural" or view.availability == name)
        ]
        of_folds[fold] = {view.availability: of_fold[view].labelled() for view in there}
    return ViewPair(
        wanted[0].method,
        wanted[0].regime,
        name,
        {view.availability: views[view] for view in wanted},
        of_folds,
    )


def by_method(entries: Sequence[tuple[ViewPair, _T]]) -> dict[str, Any]:
    """Put what was made of each pair to its place: by method, ``simulated`` and ``natural``."""
    found: dict[str, Any] = {}
    for pair, entry in entries:
        of_method = found.setdefault(pair.method, {"simulated": {}, "natural": None})
        if pair.regime == "simulated":
            of_method["simulated"][pair.name] = entry
        else:
            of_method["natural"] = entry
    return found
