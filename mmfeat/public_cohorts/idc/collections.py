"""The collections of Imaging Data Commons: their names, and what to cite of them."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow.parquet as pq

from mmfeat.config.spelling import did_you_mean
from mmfeat.errors import CohortError
from mmfeat.public_cohorts.idc.index_files import IndexFiles

COMMONS_CITATION = (
    "Fedorov A, Longabaugh WJR, Pot D, et al. National Cancer Institute Imaging Data Commons: "
    "Toward Transparency, Reproducibility, and Scalability in Imaging Artificial Intelligence. "
    "RadioGraphics 2023;43(12). https://doi.org/10.1148/rg.230180"
)
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Source:
    """One data set that series of a collection come from."""

    doi: str
    """In lower case."""
    title: str
    citation: str
    licence: str
    licence_url: str


@dataclass(frozen=True)
class Collection:
    """One collection of the commons."""

    key: str
    """As the index of series has it, such as ``nsclc_radiomics``."""
    name: str
    """As its publishers write it, such as ``NSCLC-Radiomics``."""
    sources: tuple[Source, ...]


def named_collections(files: IndexFiles, names: Sequence[str]) -> list[Collection]:
    """Return collections by name; case, hyphens and spaces play no part.

    Raises:
        CohortError: There is none of a name, or none is named.
    """
    if not names:
        raise CohortError("--collection: name at least one, such as --collection nlst")
    table = pq.read_table(
        files.collections, columns=["collection_id", "collection_name", "sources"]
    )
    known = {str(row["collection_id"]): row for row in table.to_pylist()}
    found: dict[str, Collection] = {}
    for name in names:
        key = re.sub(r"[-\s]+", "_", name.strip().lower())
        if key not in known:
            raise CohortError(
                f"--collection {name}: no collection of Imaging Data Commons (index "
                f"{files.version}){did_you_mean(key, known)}"
            )
        sources = tuple(_source(source) for source in known[key]["sources"] or ())
        found[key] = Collection(key, str(known[key]["collection_name"]), sources)
    return list(found.values())


def _source(source: dict[str, object]) -> Source:
    licence = source["license"]
    terms = licence if isinstance(licence, dict) else {}
    return Source(
        doi=str(source["source_doi"] or "").lower(),
        title=_plain(source["source_title"]),
        citation=_plain(source["citation"]),
        licence=str(terms.get("license_short_name") or ""),
        licence_url=str(terms.get("license_url") or ""),
    )


def _plain(text: object) -> str:
    """Return a text without markup, on one line."""
    return " ".join(html.unescape(_TAG.sub("", str(text or ""))).split())
