"""Judge scans by their measured quality: when they are read, and again whenever settings change."""

import json
from dataclasses import dataclass

from mmfeat.provenance import canonical_json
from mmfeat.quality import QualityFacts, Thresholds, judge, measure
from mmfeat.volumes import Volume

_DEFAULT_THRESHOLDS = Thresholds()


def measured_quality(volume: Volume) -> str:
    """Return what is measured of a volume as the text that the cache keeps."""
    return canonical_json(measure(volume).to_json())


def stored_facts(quality: str) -> QualityFacts | None:
    """Return the facts in a text of the cache; None where another version measured other things."""
    try:
        return QualityFacts.from_json(json.loads(quality))
    except ValueError:
        return None


@dataclass(frozen=True)
class QualityGate:
    """Say which scans are let through."""

    thresholds: Thresholds = _DEFAULT_THRESHOLDS

    def rejection(self, quality: str) -> str | None:
        """Return why a scan is not to be used; None when it is, or when nothing was measured."""
        facts = stored_facts(quality)
        if facts is None:
            return None
        found = judge(facts, self.thresholds).findings
        reasons = [f"{one.code}: {one.message}" for one in found if one.severity == "reject"]
        return f"rejected: {'; '.join(reasons)}" if reasons else None
