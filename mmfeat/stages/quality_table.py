"""`quality.parquet`: one row a scan, with verdict and facts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mmfeat.provenance import canonical_json, library_versions, written_atomically
from mmfeat.quality import QualityFacts, Thresholds, Verdict
from mmfeat.quality.table_row import FACT_COLUMNS, fact_row

_TYPES = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
_COLUMNS: dict[str, type] = {
    "modality": str,
    "case_id": str,
    "source": str,
    "outcome": str,
    "codes": str,
    "findings": str,
    "reason": str,
    **FACT_COLUMNS,
}


@dataclass(frozen=True)
class QualityRow:
    """Hold the verdict on one scan, or why there is none."""

    modality: str
    case_id: str
    source: str
    facts: QualityFacts | None
    verdict: Verdict | None
    reason: str
    """Why the scan cannot be read; empty when it can."""


def write_quality_table(
    path: Path, rows: Sequence[QualityRow], thresholds: Mapping[str, Thresholds]
) -> None:
    """Write a Parquet file, atomically; its metadata says by which thresholds and versions.

    Its folder has to be there.

    ``outcome`` is unreadable, reject, warn or pass; ``codes`` are separated by spaces; ``findings``
    are JSON; ``reason`` says why a scan cannot be read, and then there are no facts.
    """
    made_with = {
        "thresholds": {name: limits.to_json() for name, limits in thresholds.items()},
        "versions": library_versions(),
    }
    schema = pa.schema(
        [(name, _TYPES[kind]) for name, kind in _COLUMNS.items()],
        metadata={"mmfeat": canonical_json(made_with)},
    )
    table = pa.Table.from_pylist([_cells(row) for row in rows], schema=schema)
    with written_atomically(path, make_folder=False) as partial:
        pq.write_table(table, partial)


def _cells(row: QualityRow) -> dict[str, Any]:
    cells: dict[str, Any] = {
        "modality": row.modality,
        "case_id": row.case_id,
        "source": row.source,
        "outcome": row.verdict.outcome if row.verdict else "unreadable",
        "reason": row.reason or None,
    }
    if row.facts is None or row.verdict is None:
        return cells
    findings = row.verdict.to_json()["findings"]
    cells["codes"] = " ".join(row.verdict.codes)
    cells["findings"] = json.dumps(findings, ensure_ascii=False)
    return cells | fact_row(row.facts)
