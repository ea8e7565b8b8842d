"""What was seen of each scan, kept in a file of its own, so that a stopped inspection goes on."""

import base64
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from mmfeat.provenance import canonical_json, fingerprint, written_atomically
from mmfeat.quality import QUALITY_VERSION, QualityFacts
from mmfeat.quality.histogram import Histogram
from mmfeat.stages.inspection.sources import CohortScan
from mmfeat.stages.scan_content import scan_stat
from mmfeat.volumes import READER_VERSION

_VERSION = 1
"""Raised when thumbnails or histograms are made differently."""


@dataclass(frozen=True)
class KeptLook:
    """Hold what the contact sheet and the table need of a scan."""

    facts: QualityFacts
    histogram: Histogram
    thumbnail: bytes
    """WebP."""


class LookStore:
    """Keep one file for each scan, named after its path, its files' times and the rules."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def file_of(self, scan: CohortScan) -> Path:
        """Return the file of a scan as its files are now; nothing of its path can be read off it.

        Raises:
            VolumeError: There is no such scan.
        RemoteError: There is none at the URL, or it cannot be reached.
        """
        made_from = {
            "path": str(scan.path),
            "stat": scan_stat(scan.path),
            "rules": asdict(scan.rules),
            "versions": [READER_VERSION, QUALITY_VERSION, _VERSION],
        }
        return self._folder / f"{fingerprint(made_from)[:24]}.json"

    def find(self, file: Path) -> KeptLook | None:
        """Return what is kept in a file; None where there is nothing usable."""
        try:
            kept = json.loads(file.read_text())
            return KeptLook(
                facts=QualityFacts.from_json(kept["facts"]),
                histogram=Histogram(
                    **{**kept["histogram"], "shares": tuple(kept["histogram"]["shares"])}
                ),
                thumbnail=base64.b64decode(kept["thumbnail"]),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def keep(self, file: Path, look: KeptLook) -> None:
        """Write what was seen, atomically."""
        kept = {
            "facts": look.facts.to_json(),
            "histogram": asdict(look.histogram),
            "thumbnail": base64.b64encode(look.thumbnail).decode(),
        }
        with written_atomically(file) as partial:
            partial.write_text(canonical_json(kept))
