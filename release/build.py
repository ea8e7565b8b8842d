"""Build the wheel and the source distribution; the same sources give the same bytes.

    make wheel

setuptools takes times, owners and modes from the machine, and knows of ``SOURCE_DATE_EPOCH`` only
in wheels. So the sources are copied with times and modes of their own, and the source distribution
is packed again.
"""

import gzip
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path

from release.closure import PROJECT

SHIPPED = ("mmfeat", "cli", "data_manifests")
"""Folders that packages are made of."""
BESIDE = ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")
_EARLIEST = 315_532_800
"""The beginning of 1980, before which wheels know no times."""


def main() -> int:
    """Build into dist/."""
    for file in build(PROJECT, PROJECT / "dist", epoch=commit_time(PROJECT)):
        print(f"{file.relative_to(PROJECT)}: {file.stat().st_size / 1e3:.0f} kB")
    return 0


def commit_time(project: Path) -> int:
    """Return ``SOURCE_DATE_EPOCH`` where it is set, or else the time of the last commit."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given is not None:
        return int(given)
    words = ["git", "-C", str(project), "log", "-1", "--format=%ct"]
    return int(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def build(project: Path, output: Path, *, epoch: int) -> tuple[Path, Path]:
    """Build both files.

    Args:
        project: The checkout.
        output: Folder that they are put into; files of the same names are replaced.
        epoch: Time that all files in them have, in seconds since 1970.

    Returns:
        The source distribution and the wheel.

    Raises:
        subprocess.CalledProcessError: setuptools failed; its words are on the screen.
    """
    epoch = max(epoch, _EARLIEST)
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        sources = Path(made) / "mmfeat"
        _copy_sources(project, sources, epoch)
        built = Path(made) / "built"
        environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch), "TZ": "UTC"}
        _run_backend(sources, built, environment)
        (sdist,), (wheel,) = built.glob("*.tar.gz"), built.glob("*.whl")
        _pack_again(sdist, output / sdist.name, epoch)
        shutil.copyfile(wheel, output / wheel.name)
        return output / sdist.name, output / wheel.name


def _copy_sources(project: Path, sources: Path, epoch: int) -> None:
    for name in SHIPPED:
        shutil.copytree(project / name, sources / name, ignore=_LEFT_OUT)
    for name in BESIDE:
        shutil.copy(project / name, sources / name)
    for path in [sources, *sources.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (epoch, epoch))


def _run_backend(sources: Path, built: Path, environment: Mapping[str, str]) -> None:
    # Both from the sources: what is in the wheel need not pass through the other file.
    words = ["--no-isolation", "--sdist", "--wheel", "--outdir", str(built), str(sources)]
    run = subprocess.run(
        [sys.executable, "-m", "build", *words], env=environment, capture_output=True, text=True
    )
    if run.returncode:
        sys.stderr.write(run.stdout + run.stderr)
    run.check_returncode()


def _pack_again(sdist: Path, file: Path, epoch: int) -> None:
    """Copy a source distribution with one time, one owner, plain modes and in order."""
    with (
        tarfile.open(sdist) as old,
        file.open("wb") as raw,
        gzip.GzipFile("", "wb", mtime=epoch, fileobj=raw) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as new,
    ):
        for entry in sorted(old.getmembers(), key=lambda one: one.name):
            entry.mtime = epoch
            entry.uid = entry.gid = 0
            entry.uname = entry.gname = ""
            entry.mode = 0o755 if entry.isdir() else 0o644
            entry.pax_headers = {}
            new.addfile(entry, old.extractfile(entry))


if __name__ == "__main__":
    sys.exit(main())
