"""Weights that packages carry in parts: found without running their code, checked, joined."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from mmfeat.encoders.recipe import PackagedFile
from mmfeat.errors import EncoderError


def sha256_of_parts(encoder: str, packaged: PackagedFile) -> str:
    """Return the digest of the joined file.

    Raises:
        EncoderError: A package is missing, or its part is not the one that the recipe names.
    """
    digest = hashlib.sha256()
    for part in _parts(encoder, packaged):
        with part.open("rb") as stream:
            while block := stream.read(1 << 22):
                digest.update(block)
    if digest.hexdigest() != packaged.sha256:
        raise EncoderError(
            f"encoder {encoder}: the weights in {', '.join(packaged.packages)} are damaged or of "
            f"another version (SHA-256 {digest.hexdigest()[:12]} instead of "
            f"{packaged.sha256[:12]}); {packaged.install} --force-reinstall"
        )
    return packaged.sha256


@contextmanager
def joined_parts(encoder: str, packaged: PackagedFile) -> Iterator[Path]:
    """Join the parts to a file that is gone afterwards, so that nothing is kept twice on disk.

    Raises:
        EncoderError: A package is missing, or the disk for temporary files is too small.
    """
    with tempfile.TemporaryDirectory(prefix="mmfeat-weights-") as folder:
        file = Path(folder) / f"{encoder}.weights"
        try:
            with file.open("wb") as joined:
                for part in _parts(encoder, packaged):
                    with part.open("rb") as stream:
                        shutil.copyfileobj(stream, joined, 1 << 22)
        except OSError as error:
            raise EncoderError(
                f"encoder {encoder}: its weights could not be joined in {folder} "
                f"({error.strerror}); let TMPDIR name a folder with more room"
            ) from error
        yield file


def _parts(encoder: str, packaged: PackagedFile) -> list[Path]:
    parts = []
    for package in packaged.packages:
        found = find_spec(package)
        folders = found.submodule_search_locations if found else None
        part = Path(folders[0]) / packaged.member if folders else None
        if part is None or not part.is_file():
            raise EncoderError(
                f"encoder {encoder} needs its weights as packages: {packaged.install}; or give "
                "`weights`, a local file"
            )
        parts.append(part)
    return parts
