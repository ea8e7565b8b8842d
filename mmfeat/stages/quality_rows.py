"""The verdict on each scan of a cohort, from what a cache holds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from mmfeat.cache import Failure, ScanKey, StoredRow
from mmfeat.manifest.cohort import ScanSource
from mmfeat.quality import judge
from mmfeat.stages.extraction.plan import rows_by_stat
from mmfeat.stages.quality_gate import QualityGate, stored_facts
from mmfeat.stages.quality_table import QualityRow
from mmfeat.stages.scan_content import current_stat


def quality_rows(
    modality: str,
    scans: Iterable[tuple[str, Sequence[ScanSource]]],
    gate: QualityGate,
    *,
    index: Mapping[str, Sequence[StoredRow]],
    failed: Mapping[ScanKey, Failure],
) -> Iterator[QualityRow]:
    """Give the verdict on each scan; nothing of those to come.

    Args:
        modality: Its name.
        scans: Each case with its scans.
        gate: Judges.
        index: Finished cases. Of several features of a case with one scan the last one counts, and
            no file is looked at.
        failed: Scans that failed or were rejected.
    """
    stat_of = cache(current_stat)
    for case_id, sources in scans:
        rows = index.get(case_id, ())
        if len(sources) == 1:
            found = [rows[-1] if rows else None]
        else:
            stats = [stat_of(source.path, source.region) for source in sources]
            found = rows_by_stat(stats, rows)
        for source, stored in zip(sources, found, strict=True):
            failure = failed.get((case_id, str(source)))
            measured = failure or stored
            if measured is None:
                continue
            facts = stored_facts(measured.quality)
            verdict = None if facts is None else judge(facts, gate.thresholds)
            reason = failure.reason if failure and facts is None else ""
            yield QualityRow(modality, case_id, str(source), facts, verdict, reason)
