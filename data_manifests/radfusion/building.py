"""Make the table and settings of RadFusion, with its arrays or with embeddings of them."""

from pathlib import Path

import pandas as pd

from mmfeat.errors import CohortError
from mmfeat.public_cohorts.built import BuiltCohort
from mmfeat.public_cohorts.downloads import find_one
from mmfeat.public_cohorts.reading import read_source
from mmfeat.tabular import read_embeddings

from .record_tables import KEY, RecordTables, one_row_each, plain_key, read_records
from .scans import Scans, describe_scans
from .settings import may_be_the_answer, settings_for

UNCLEAR = "Labels.csv has several rows for the patient, and they differ"
_FEATURES = ("features.npz", "features.parquet", "features.csv")
_LABEL = {"0": "0", "1": "1"}
_PARTS = {"train": "train", "val": "val", "test": "test"}
_TYPES = ("central", "segmental", "subsegmental")


def build(download: Path, variant: str) -> BuiltCohort:
    """Return a case for each patient of the list of labels.

    Raises:
        CohortError: The download is not what is expected.
    """
    labels_file, labels, unclear = _labels(download)
    records = read_records(download)
    others = [name for name in records.frame.columns if name not in ("age", "sex")]
    names = [name for name in ("age", "sex") if name in records.frame.columns]
    table = labels.join(records.frame[[*names, *others]])
    left_out = {UNCLEAR: unclear} if unclear else {}
    sources = [labels_file, *records.sources]
    if variant == "features":
        file = find_one(download, _FEATURES, what="file of embeddings")
        embeddings = {"embeddings.parquet": _embeddings(file, table.index)}
        scans = Scans({}, {}, {}, {}, (file,))
        settings = ["features.yaml", "paper.yaml"]
    else:
        embeddings, scans, settings = {}, describe_scans(download), ["mmfeat.yaml"]
        table.insert(0, "ct", pd.Series(scans.paths).reindex(table.index))
    return BuiltCohort(
        table=_manifest(table),
        settings=settings_for(settings, columns=others, with_all=["paper.yaml"]),
        extra_tables=embeddings,
        texts=scans.texts,
        links=scans.links,
        sources=(*sources, *scans.sources),
        notes=tuple(_notes(records, others)),
        left_out={**left_out, **scans.left_out},
    )


def _labels(download: Path) -> tuple[Path, pd.DataFrame, tuple[str, ...]]:
    """Return label, kind of embolism and official part of each patient, and who is unclear."""
    file = find_one(download, ("Labels.csv", "*/Labels.csv"), what="table of labels")
    read = read_source(file, required=(KEY, "label", "split"), optional=("pe_type",))
    table = plain_key(read).known("label", "split")
    frame = pd.DataFrame(
        {
            "embolism": table.coded("label", _LABEL),
            # What the negative ones hold there is not known to us.
            "pe_type": table["pe_type"].where(table["label"] == "1"),
            "split": table.coded("split", _PARTS),
        }
    )
    strange = frame["pe_type"].notna() & ~frame["pe_type"].isin(_TYPES)
    if strange.any():
        table.refuse("pe_type", strange, f"is none of {', '.join(_TYPES)}")
    once, unclear = one_row_each(frame.set_axis(table[KEY], axis=0))
    if once.empty:
        raise CohortError(f"{file}: has several rows that differ for every patient")
    return file, once, unclear


def _embeddings(file: Path, ids: "pd.Index[str]") -> pd.DataFrame:
    """Return the embeddings of the cases, a row each."""
    found = read_embeddings(file, "case_id")
    wanted = [place for place, one in enumerate(found.ids) if one in set(ids)]
    if not wanted:
        raise CohortError(
            f"{file}: none of its {len(found.ids)} ids (first {found.ids[0]}) is an `idx` of "
            "Labels.csv; name the rows by idx"
        )
    names = [f"feature_{number:04d}" for number in range(found.vectors.shape[1])]
    frame = pd.DataFrame(found.vectors[wanted], columns=names)
    frame.insert(0, "case_id", [found.ids[place] for place in wanted])
    return frame


def _manifest(table: pd.DataFrame) -> pd.DataFrame:
    named = table.rename_axis("case_id").reset_index()
    named.insert(1, "patient_id", named["case_id"])
    return named


def _notes(records: RecordTables, columns: list[str]) -> list[str]:
    clots = [name for name in columns if may_be_the_answer(name)]
    notes = [f"the record has {len(columns) + 2} columns; {len(records.constant)} have one value"]
    if clots:
        notes.append(
            f"{len(clots)} columns of clots and of drugs against them are in the table but no "
            "inputs of the first settings, as they may be the answer; paper.yaml takes them"
        )
    if records.unclear:
        notes.append(
            f"{len(records.unclear)} patients have several records that differ, and nobody can say "
            f"which is of the scan: they count as without (first {records.unclear[0]})"
        )
    return notes
