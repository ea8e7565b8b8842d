"""Look at one scan: read it whatever its values are, measure it, take pictures."""

from dataclasses import dataclass, replace

from mmfeat.quality import QualityFacts, measure
from mmfeat.quality.histogram import Histogram
from mmfeat.quality.pictures import WIDE_HU, Picture, orthogonal_pictures
from mmfeat.remote_path import AnyPath
from mmfeat.stages.scan_content import read_scan_content
from mmfeat.volumes import ReadingRules, Volume


@dataclass(frozen=True)
class ScanLook:
    """Hold what was seen of one scan; small beside the volume, which is not kept."""

    facts: QualityFacts
    histogram: Histogram
    pictures: tuple[Picture, ...]
    """The middle axial, coronal and sagittal slice."""


def read_to_look(path: AnyPath, rules: ReadingRules) -> Volume:
    """Read a volume, also one that is not in Hounsfield units: its verdict is to say so.

    Raises:
        VolumeError: It cannot be read at all.
        RemoteError: There is nothing at the URL, or it cannot be reached.
    """
    return read_scan_content(path, rules=replace(rules, check_hu=False))


def look_at(volume: Volume) -> ScanLook:
    """Measure a volume and take its pictures."""
    facts = measure(volume)
    whole = (facts.minimum_hu, max(facts.maximum_hu, facts.minimum_hu + 1))
    return ScanLook(
        facts=facts,
        histogram=Histogram.of(volume),
        pictures=orthogonal_pictures(volume, WIDE_HU if facts.hu_doubt is None else whole),
    )
