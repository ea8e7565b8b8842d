"""Judge scans by their measured quality: when they are read, and again whenever settings change."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mmfeat.cache import Failure, StoredRow
from mmfeat.provenance import canonical_json
from mmfeat.quality import QualityFacts, Thresholds, judge, measure
from mmfeat.stages.quality_table import QualityRow
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

    def rows(
        self,
        modality: str,
        scans: Mapping[str, Path],
        index: Mapping[str, Sequence[StoredRow]],
        failed: Mapping[str, Failure],
    ) -> Iterator[QualityRow]:
        """Give the verdict on each case's scan from what a cache holds; nothing of those to come.

        Args:
            modality: Its name.
            scans: Scan of each case that has one.
            index: Finished cases; of several features of a case the last one counts.
            failed: Cases that failed or were rejected.
        """
        for case_id, path in scans.items():
            failure, stored = failed.get(case_id), index.get(case_id, ())
            if failure is None and not stored:
                continue
            facts = stored_facts(failure.quality if failure else stored[-1].quality)
            verdict = None if facts is None else judge(facts, self.thresholds)
            reason = failure.reason if failure and facts is None else ""
            yield QualityRow(modality, case_id, str(path), facts, verdict, reason)
