"""The versions whose files are kept, and where they are unpacked to."""

import tarfile
from pathlib import Path

FORMATS = Path(__file__).parent
ENDING = ".tar.xz"
VERSIONS = sorted(file.name.removesuffix(ENDING) for file in FORMATS.glob(f"*{ENDING}"))
CACHES = ("vectors", "tokens", "compacted")
RUNS = ("methods", "kinds", "cox", "records")


def unpack(version: str, folder: Path) -> Path:
    """Unpack what a version wrote into a folder of its own; return that."""
    place = folder / version
    with tarfile.open(FORMATS / f"{version}{ENDING}") as tar:
        tar.extractall(place, filter="data")
    return place
