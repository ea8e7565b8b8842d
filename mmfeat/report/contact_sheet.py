"""The contact sheet of a cohort: one HTML file that needs neither a network nor JavaScript."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from mmfeat.provenance import written_atomically
from mmfeat.quality import Finding
from mmfeat.report.contact_sheet_page import PAGE, STYLE


@dataclass(frozen=True)
class SheetCase:
    """Hold what the sheet shows of one scan."""

    name: str
    modality: str
    source: str
    standing: str
    """unreadable, reject, warn or pass."""
    reason: str
    """Why the scan cannot be read; empty when it can."""
    findings: Sequence[Finding]
    lines: Mapping[str, str]
    """What was measured and what the header says: names and values."""
    thumbnail: bytes | None
    """WebP; none of a scan that cannot be read."""
    histogram: str
    """Path of an SVG of 60 x 20 units."""

    @property
    def picture(self) -> str:
        """The thumbnail as a text that stands in the page itself."""
        return f"data:image/webp;base64,{base64.b64encode(self.thumbnail or b'').decode()}"

    @property
    def filters(self) -> str:
        """Names by which the page's filters know the case, separated by spaces."""
        codes = dict.fromkeys(finding.code for finding in self.findings)
        return " ".join([f"is-{self.standing}", *(f"has-{code}" for code in codes)])


@dataclass(frozen=True)
class SheetHeading:
    """Hold what stands above all cases."""

    title: str
    standings: Mapping[str, int]
    """Number of cases of each standing, the worst first."""
    codes: Mapping[str, int]
    """Number of cases with each code, the commonest first."""
    footer: str
    """What made the sheet, when, by which thresholds."""


def write_contact_sheet(path: Path, heading: SheetHeading, cases: Sequence[SheetCase]) -> None:
    """Write the sheet, atomically, with the cases in the given order."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    filters = {f"is-{name}": (name, count) for name, count in heading.standings.items() if count}
    filters |= {f"has-{code}": (code, count) for code, count in heading.codes.items()}
    page = environment.from_string(PAGE)
    stream = page.stream(
        heading=heading, cases=cases, filters=filters, n_cases=len(cases), style=STYLE
    )
    with written_atomically(path) as partial:
        stream.dump(str(partial), encoding="utf-8")
