"""Licences of the series that are selected, and what to cite for them."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from mmfeat.public_cohorts.idc.collections import COMMONS_CITATION, Collection, Source


@dataclass(frozen=True)
class Licence:
    """Say under which terms some series come."""

    name: str
    url: str
    n_series: int

    @property
    def non_commercial(self) -> bool:
        """Say whether its name says that it is not for commercial use."""
        return "-NC" in self.name.upper()


@dataclass(frozen=True)
class Attribution:
    """Say what using the selected series asks for."""

    licences: tuple[Licence, ...]
    citations: tuple[str, ...]
    """One line for each source, and one for the commons."""


def attribution_of(frame: pd.DataFrame, collections: Sequence[Collection]) -> Attribution:
    """Return the licences and citations of the series of a frame, the most frequent first."""
    sources = {source.doi: source for one in collections for source in one.sources}
    urls = {source.licence: source.licence_url for source in sources.values()}
    counts = frame["license_short_name"].fillna("not named in the index").value_counts()
    licences = [
        Licence(str(name), urls.get(str(name), ""), int(count)) for name, count in counts.items()
    ]
    dois = frame["source_DOI"].dropna().str.lower().value_counts().index
    citations = [_citation(str(doi), sources) for doi in dois]
    return Attribution(tuple(licences), (*citations, COMMONS_CITATION))


def _citation(doi: str, sources: dict[str, Source]) -> str:
    source = sources.get(doi)
    if source is None or not source.citation:
        return f"https://doi.org/{doi}"
    return source.citation
