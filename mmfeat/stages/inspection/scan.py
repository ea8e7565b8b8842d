"""Inspect one scan: its verdict, and one page of pictures as a PNG file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmfeat.errors import ConfigError
from mmfeat.quality import Verdict, judge
from mmfeat.quality.wording import header_lines, measured_lines
from mmfeat.report.inspect_figure import Page, draw_page
from mmfeat.stages.inspection.encoder import EncoderView, encoder_view
from mmfeat.stages.inspection.look import ScanLook, look_at, read_to_look
from mmfeat.stages.inspection.setup import InspectSetup
from mmfeat.stages.scan_content import with_point


@dataclass(frozen=True)
class InspectedScan:
    """Hold what was found out about one scan."""

    path: Path
    look: ScanLook
    verdict: Verdict
    view: EncoderView | None
    """None when no encoder was named."""
    figure: Path

    @property
    def n_failed(self) -> int:
        """1 when the scan is rejected, else 0."""
        return int(self.verdict.outcome == "reject")

    def to_json(self) -> dict[str, Any]:
        """Return verdict and facts as plain JSON values."""
        view = self.view
        return {
            "path": str(self.path),
            **self.verdict.to_json(),
            "facts": self.look.facts.to_json(),
            "encoder": None if view is None else {"name": view.encoder, "input": view.summary},
            "figure": str(self.figure),
        }


def inspect_scan(
    path: Path, setup: InspectSetup, figure: Path, *, overwrite: bool = False
) -> InspectedScan:
    """Read, measure and judge one scan, and draw it.

    Args:
        path: A NIfTI file or a folder with a DICOM series.
        setup: How it is read and judged; values that are no Hounsfield units are read too.
        figure: PNG file to write.
        overwrite: Replace a figure that is there.

    Raises:
        VolumeError: The scan cannot be read at all, or the point of interest is not in it.
        ConfigError: There is a figure of that name already.
    """
    if figure.exists() and not overwrite:
        raise ConfigError(f"{figure}: is there already; name another --output or pass --overwrite")
    volume = read_to_look(path, setup.rules)
    if setup.region is not None:
        volume = with_point(volume, setup.region, setup.point_rules)
    look = look_at(volume)
    verdict = judge(look.facts, setup.thresholds)
    view = None if setup.encoder is None else encoder_view(setup.encoder, volume, setup.tokens)
    page = Page(
        name=path.name,
        verdict=verdict,
        facts=look.facts,
        histogram=look.histogram,
        as_read=look.pictures,
        encoded=() if view is None else view.pictures,
        encoder_line="" if view is None else f"{view.encoder} sees it: {view.summary}",
        fact_lines=measured_lines(look.facts) | header_lines(look.facts),
    )
    draw_page(figure, page)
    return InspectedScan(path, look, verdict, view, figure)
