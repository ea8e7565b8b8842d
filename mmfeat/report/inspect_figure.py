"""One scan on one page: slices as read and as the encoder sees them, histogram, verdict."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes

from mmfeat.quality import QualityFacts, Verdict
from mmfeat.quality.histogram import Histogram, edges_hu
from mmfeat.quality.pictures import LUNG_HU, SOFT_TISSUE_HU, Picture, in_window
from mmfeat.report.figure_style import COLOURS, GREY, new_figure, save

_ROW = 3
_LINE_LETTERS = 62
_SEVERITY_COLOURS = {"info": "0.35", "warn": "#7a5200", "reject": "#b03a00"}
"""Darker than the palette, for small letters on white."""


@dataclass(frozen=True)
class Page:
    """Hold what is drawn of one scan."""

    name: str
    verdict: Verdict
    facts: QualityFacts
    histogram: Histogram
    as_read: Sequence[Picture]
    encoded: Sequence[Picture]
    """As the encoder sees it; none where that is no image."""
    encoder_line: str
    """What the encoder was given, or why there is no picture of it; empty without an encoder."""
    fact_lines: Mapping[str, str]
    """What is said of the scan: names and values."""


def draw_page(path: Path, page: Page) -> None:
    """Draw one scan into a PNG file."""
    rows: dict[str, Sequence[Picture]] = {"as read, all values": page.as_read}
    if page.facts.hu_doubt is None:
        rows = {
            "as read, lung window": in_window(page.as_read, LUNG_HU),
            "as read, soft tissue window": in_window(page.as_read, SOFT_TISSUE_HU),
        }
    if page.encoded:
        rows[f"as {page.encoder_line}"] = page.encoded
    n_panels = _ROW * (len(rows) + 1)
    figure, axes = new_figure(n_panels, f"{page.name}: {page.verdict.outcome}", lines_below=0)
    panels = iter(axes)
    for heading, pictures in rows.items():
        for number in range(_ROW):
            _draw_picture(
                next(panels),
                pictures[number] if number < len(pictures) else None,
                heading if number == 0 else "",
            )
    _draw_histogram(next(panels), page)
    _write_facts(next(panels), page)
    _write_findings(next(panels), page)
    save(figure, path)


def _draw_picture(panel: Axes, picture: Picture | None, heading: str) -> None:
    panel.set_axis_off()
    if picture is None:
        return
    height_mm, width_mm = picture.size_mm
    panel.imshow(
        picture.grey,
        cmap="gray",
        vmin=0,
        vmax=255,
        extent=(0, width_mm, height_mm, 0),
        interpolation="nearest",
    )
    if picture.mark is not None:
        (row, column), (row_mm, column_mm) = picture.mark, picture.pixel_mm
        panel.plot(
            (column + 0.5) * column_mm,
            (row + 0.5) * row_mm,
            marker="+",
            markersize=14,
            color=COLOURS[1],
        )
    low, high = picture.window
    panel.set_title(f"{picture.title}, {low:.4g} to {high:.4g}", fontsize=9, loc="left")
    if heading:
        panel.text(
            0, 1.09, heading, transform=panel.transAxes, fontsize=11, weight="bold", va="bottom"
        )


def _draw_histogram(panel: Axes, page: Page) -> None:
    panel.stairs(page.histogram.heights(), edges_hu(), fill=True, color=GREY)
    peaks = {"air": page.facts.air_hu, "soft tissue": page.facts.soft_tissue_hu}
    for number, (name, peak_hu) in enumerate(peaks.items()):
        if peak_hu is not None:
            panel.axvline(
                peak_hu,
                color=COLOURS[number],
                linewidth=1.4,
                linestyle=("-", "--")[number],
                label=f"{name} {peak_hu:.0f} HU",
            )
    panel.set(xlabel="HU", ylabel="share of voxels, root", ylim=(0, 1.05), yticks=[])
    beyond = 100 * (page.histogram.below_share + page.histogram.above_share)
    panel.set_title(f"histogram; {beyond:.2g} % lie beyond", fontsize=9, loc="left")
    if any(peak_hu is not None for peak_hu in peaks.values()):
        panel.legend(frameon=False, fontsize=9)


def _write_facts(panel: Axes, page: Page) -> None:
    lines = [f"{name}: {value}" for name, value in page.fact_lines.items()]
    if page.encoder_line and not page.encoded:
        lines.append(page.encoder_line)
    _write(panel, "what was measured", [(line, "black") for line in lines])


def _write_findings(panel: Axes, page: Page) -> None:
    lines = [
        (f"{one.severity}: {one.code}: {one.message}", _SEVERITY_COLOURS[one.severity])
        for one in page.verdict.findings
    ]
    _write(panel, "what was found", lines or [("nothing to remark on", "black")])


def _write(panel: Axes, heading: str, lines: Sequence[tuple[str, str]]) -> None:
    panel.set_axis_off()
    panel.text(0, 1.0, heading, fontsize=11, weight="bold", va="top", transform=panel.transAxes)
    height = 0.93
    for line, colour in lines:
        wrapped = textwrap.wrap(line, _LINE_LETTERS, subsequent_indent="    ") or [""]
        panel.text(
            0,
            height,
            "\n".join(wrapped),
            fontsize=8.5,
            va="top",
            color=colour,
            transform=panel.transAxes,
            parse_math=False,
        )
        height -= 0.043 * len(wrapped) + 0.012
