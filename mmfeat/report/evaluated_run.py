"""One evaluated run, as it is compared with others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mmfeat.report.scored_cases import ScoredCases, View, joined

AS_THEY_COME = "as they come"
"""The column of all cases with what they really have."""


@dataclass(frozen=True, eq=False)
class EvaluatedRun:
    """Hold what an evaluation left."""

    name: str
    results: Mapping[str, Any]
    views: Mapping[View, ScoredCases]

    def column(self, target: str, method: str, availability: str) -> ScoredCases | None:
        """Return the labelled cases of one method, seen through an availability or as they come."""
        if availability != AS_THEY_COME:
            found = self.views.get(View(target, method, "simulated", availability))
            return found.labelled() if found is not None else None
        parts = [
            cases
            for view, cases in self.views.items()
            if (view.target, view.method, view.regime) == (target, method, "natural")
        ]
        return joined(parts).labelled() if parts else None

    def methods(self, target: str) -> list[str]:
        """Return the methods with results for a target, the default one first."""
        return list(self.results["targets"][target]["methods"])
