"""Read Google's CT Foundation embeddings of NLST: archives with one pickled dictionary each.

The demonstration of CT Foundation (Google-Health/imaging-research) loads two of them,
`nlst_train_with_labels.npz` and `nlst_tune_with_labels.npz`: from a key to `embedding` (1,408
numbers), `cancer_in_1` and `cancer_in_2`. They are given out on request, and we have not seen them.
Published code takes the participant from the second part of a key, between slashes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmfeat.config.labels import label_text
from mmfeat.errors import CohortError
from mmfeat.public_cohorts.downloads import find_all, find_one
from mmfeat.public_cohorts.reading import read_source
from mmfeat.tabular.array_files import read_array_file
from mmfeat.tabular.loose_embeddings import Naming, find_embeddings

ARCHIVES = {"train": "nlst_train_with_labels.npz", "tune": "nlst_tune_with_labels.npz"}
LABELS = ("cancer_in_1", "cancer_in_2")
_SEPARATOR = "/"
_SCREEN = re.compile(r"(?:.*_)?T([012])")
_DATE = re.compile(r"(1999|2000|2001)-?01-?02")
_SCREEN_OF_YEAR = {"1999": 0, "2000": 1, "2001": 2}
_LISTS = ("metadata.csv", "*/metadata.csv")


@dataclass(frozen=True)
class GoogleEmbeddings:
    """Hold the embeddings of one archive or of both."""

    cases: pd.DataFrame
    """By key: ``pid``, ``study_yr`` (NaN where the key does not tell), ``archive`` and Google's
    labels, 1, 0 or NaN."""
    vectors: NDArray[np.float32]
    """``(cases, width)``"""
    sources: tuple[Path, ...]


def read_google_embeddings(download: Path) -> GoogleEmbeddings:
    """Read the archives of a download; nothing in their pickles is run.

    Raises:
        CohortError: There is none, or it is not such a dictionary.
        FeaturesError: It cannot be read, or the vectors are none.
    """
    found = {}
    for part, name in ARCHIVES.items():
        if find_all(download, (name, f"*/{name}")):
            found[part] = find_one(download, (name, f"*/{name}"), what=f"archive of part {part}")
    if not found:
        names = " and ".join(ARCHIVES.values())
        raise CohortError(
            f"{download}: holds none of Google's archives ({names}); ask Google for them "
            "(mmfeat manifest show nlst), or use --variant dicom"
        )
    parts = [_read(file, part) for part, file in found.items()]
    cases = pd.concat([cases for cases, _ in parts])
    if cases.index.has_duplicates:
        twice = cases.index[cases.index.duplicated()][0]
        raise CohortError(f"{download}: the key {twice} is in both archives; keep one of them")
    widths = {vectors.shape[1] for _, vectors in parts}
    if len(widths) > 1:
        raise CohortError(f"{download}: the archives have vectors of {sorted(widths)} numbers")
    lists = find_all(download, _LISTS)
    cases["study_yr"] = _screens(cases.index, lists)
    vectors = np.concatenate([vectors for _, vectors in parts])
    return GoogleEmbeddings(cases, vectors, (*found.values(), *lists))


def _read(file: Path, part: str) -> tuple[pd.DataFrame, NDArray[np.float32]]:
    content = read_array_file(file, trust_pickle=True)
    arrays = list(content.values()) if isinstance(content, Mapping) else []
    only = arrays[0] if len(arrays) == 1 else None
    if not isinstance(only, Mapping) or not all(isinstance(one, Mapping) for one in only.values()):
        raise CohortError(
            f"{file}: holds no dictionary from keys to embeddings with their labels, as Google's "
            "archives do"
        )
    embeddings = find_embeddings(file, only, Naming(), lambda: file.stem)
    labels = {
        name: [_label(file, key, name, only[key].get(name)) for key in embeddings.ids]
        for name in LABELS
    }
    pids = [_pid(file, key) for key in embeddings.ids]
    cases = pd.DataFrame({"pid": pids, "archive": part, **labels}, index=list(embeddings.ids))
    return cases, embeddings.vectors


def _pid(file: Path, key: str) -> str:
    parts = key.split(_SEPARATOR)
    if len(parts) < 2 or not parts[1].isdigit():
        raise CohortError(
            f"{file}: the key {key!r} has no participant in its second part, as in "
            "`name/100012/...`; tell us what the keys of your archive look like"
        )
    return label_text(parts[1])


def _label(file: Path, key: str, name: str, value: object) -> float:
    match value:
        case None:
            return np.nan
        case bool() | int() | float() | np.generic() if float(value) in (0.0, 1.0):
            return float(value)
        case float() if np.isnan(value):
            return np.nan
    raise CohortError(f"{file}: {key}: `{name}` is {value!r}, and 0 or 1 is expected")


def _screens(keys: pd.Index, lists: list[Path]) -> list[float]:
    """Return the screen that each key is of, NaN where nothing tells."""
    by_uid: dict[str, int] = {}
    for file in lists:
        table = read_source(file, required=("Series UID", "Study Date"), optional=("Study UID",))
        years = table["Study Date"].str.extract(r"\b(1999|2000|2001)\b")[0].map(_SCREEN_OF_YEAR)
        for column in ("Series UID", "Study UID"):
            known = table[column].notna() & years.notna()
            by_uid |= dict(zip(table[column][known], years[known].astype(int), strict=True))
    return [_screen(str(key), by_uid) for key in keys]


def _screen(key: str, by_uid: Mapping[str, int]) -> float:
    for part in key.split(_SEPARATOR)[2:]:
        named, dated = _SCREEN.fullmatch(part), _DATE.fullmatch(part)
        if named:
            return float(named[1])
        if dated:
            return float(_SCREEN_OF_YEAR[dated[1]])
        uid = part.removesuffix(".dcm")
        if uid in by_uid:
            return float(by_uid[uid])
    return np.nan
