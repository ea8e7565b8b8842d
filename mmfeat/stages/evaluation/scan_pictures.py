"""The scans that a report shows: how all of them were judged, and pictures of the worst."""

import base64
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from mmfeat.cache import CacheFolder
from mmfeat.config.modalities import VolumeModality
from mmfeat.provenance import write_json
from mmfeat.remote_path import AnyPath
from mmfeat.stages.cache_place import cache_root
from mmfeat.stages.evaluation.evaluation import Evaluation
from mmfeat.stages.inspection.cohort import STANDINGS, InspectedCase, inspect_scans
from mmfeat.stages.inspection.sources import CohortScan
from mmfeat.stages.quality_rows import quality_rows
from mmfeat.stages.quality_table import QualityRow
from mmfeat.stages.volume_encoder import VolumeEncoder, volume_encoder

SCANS_FILE = "scans.json"
_MOST_LINES = 3


def write_scan_pictures(evaluation: Evaluation) -> None:
    """Write scans.json: counts of verdicts and remarks of all scans, and pictures of the worst.

    Verdicts are those of the cache. Scans that are shown are read, and what was seen of them is
    kept in the run folder, so that no later evaluation reads them again; one that cannot be read
    any more is shown without a picture.

    Args:
        evaluation: The run as it was opened; ``eval.shown_scans`` says how many are shown.
    """
    path = evaluation.run / SCANS_FILE
    path.unlink(missing_ok=True)  # of an evaluation with other settings
    judged = list(_judged(evaluation))
    most = evaluation.settings.eval.shown_scans
    if not judged or not most:
        return
    rows = [row for row, _ in judged]
    worst = sorted(judged, key=lambda one: _badness(one[0]))[:most]
    seen = inspect_scans(
        [scan for _, scan in worst],
        evaluation.run,
        progress=evaluation.progress,
        should_stop=lambda: False,  # the progress stops it
    )
    standings = Counter(map(_standing, rows))
    codes = Counter(code for row in rows if row.verdict for code in row.verdict.codes)
    write_json(
        path,
        {
            "n_scans": len(rows),
            "standings": {name: standings[name] for name in STANDINGS},
            "codes": dict(codes.most_common()),
            "shown": [_shown(case) for case in seen],
        },
    )


def _judged(evaluation: Evaluation) -> Iterator[tuple[QualityRow, CohortScan]]:
    """Give each scan of the cohort that the cache knows, with what it takes to read it."""
    project, cohort = evaluation.project, evaluation.opened.cohort
    root = cache_root(project)
    for name, modality in project.settings.modalities.items():
        if not isinstance(modality, VolumeModality):
            continue
        made = volume_encoder(project, modality, device="cpu")
        folder = CacheFolder.find(root, name, made.identity)
        scans = [
            (case_id, [scan.source for scan in of_case])
            for case_id, of_case in zip(cohort.case_ids, cohort.sources[name], strict=True)
        ]
        paths = {
            (case_id, str(source)): source.path for case_id, sources in scans for source in sources
        }
        rows = quality_rows(
            name, scans, made.gate, index=folder.index(), failed=folder.failed_scans()
        )
        for row in rows:
            yield row, _scan(row, made, paths[row.case_id, row.source])


def _scan(row: QualityRow, made: VolumeEncoder, path: AnyPath) -> CohortScan:
    return CohortScan(row.modality, row.case_id, path.name, path, made.rules, made.gate.thresholds)


def _standing(row: QualityRow) -> str:
    return "unreadable" if row.verdict is None else row.verdict.outcome


def _badness(row: QualityRow) -> tuple[int, int, str]:
    """Sort rejected scans first, then those with most remarks; nothing is to be seen of others."""
    findings = row.verdict.findings if row.verdict else ()
    order: Sequence[str] = ("reject", "warn", "unreadable", "pass")
    standing = _standing(row)
    n_alike = sum(finding.severity == standing for finding in findings)
    return order.index(standing), -n_alike, row.case_id


def _shown(case: InspectedCase) -> dict[str, Any]:
    picture = ""
    if case.look is not None:
        picture = f"data:image/webp;base64,{base64.b64encode(case.look.thumbnail).decode()}"
    findings = case.verdict.findings if case.verdict else ()
    reason = case.reason.removeprefix(f"{case.scan.path}: ")
    lines = [reason] if reason else [f"{one.code}: {one.message}" for one in findings]
    return {
        "case_id": case.scan.case_id,
        "modality": case.scan.modality,
        "standing": case.standing,
        "picture": picture,
        "lines": lines[:_MOST_LINES],
    }
