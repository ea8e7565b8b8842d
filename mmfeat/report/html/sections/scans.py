"""The quality of the scans: how they were judged, and the worst of them to look at."""

from mmfeat.report.html.blocks import Block, Cell, Picture, Pictures, Row, Section, Table, Text
from mmfeat.report.html.page_source import PageSource
from mmfeat.report.html.words import count_cell


def scans_section(source: PageSource) -> Section:
    """Return the section with a contact sheet; empty where no modality is of scans."""
    found = source.scans
    if not found:
        return Section("scans", "Scans", [])
    shown = [
        Picture(
            f"{one['case_id']}, {one['modality']}", one["standing"], one["picture"], one["lines"]
        )
        for one in found["shown"]
    ]
    rows = [
        Row([Cell(code), count_cell(n, of=found["n_scans"])]) for code, n in found["codes"].items()
    ]
    standings = ", ".join(f"{n:,} {name}" for name, n in found["standings"].items() if n)
    text = f"{found['n_scans']:,} scans: {standings}. The {len(shown)} worst are shown."
    blocks: list[Block] = [Text(text), Pictures(shown)]
    if rows:
        blocks.append(Table("What was remarked on", ("Remark", "Scans"), rows))
    return Section("scans", "Scans", blocks)
