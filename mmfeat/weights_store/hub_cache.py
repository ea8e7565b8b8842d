"""The cache of the Hugging Face hub on this machine, by its published layout.

huggingface.co/docs/hub/local-cache describes the layout as a reference for other programs:
``models--<owner>--<name>/`` holds ``refs/<revision>`` with a commit, ``snapshots/<commit>/<file>``,
and ``blobs/<etag>`` that the snapshots link to; the etag of a large file is its SHA-256. So files
are found without the package huggingface_hub, and those that are fetched here serve other programs.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mmfeat.provenance import written_atomically
from mmfeat.weights_store.folder import PARTIAL, cache_home
from mmfeat.weights_store.published import PublishedFile

_SHA256 = re.compile(r"[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_MAIN = "main"


@dataclass(frozen=True)
class CachedFile:
    """A file in the cache, and what its place says of it."""

    file: Path
    revision: str
    sha256: str | None
    """From the name of its blob; None for small files, and where files are not linked."""


def hub_cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of the hub's cache: HF_HUB_CACHE, else HF_HOME/hub, else the usual one."""
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):  # the latter is its older name
        if environment.get(variable):
            return Path(os.path.expandvars(environment[variable])).expanduser().absolute()
    home = environment.get("HF_HOME")
    if home:
        return Path(os.path.expandvars(home)).expanduser().absolute() / "hub"
    return cache_home(environment) / "huggingface" / "hub"


def is_offline(environment: Mapping[str, str] = os.environ) -> bool:
    """Say whether the user wants no network, as huggingface_hub reads it from the environment."""
    asked = environment.get("HF_HUB_OFFLINE") or environment.get("TRANSFORMERS_OFFLINE") or ""
    return asked.upper() in {"1", "ON", "YES", "TRUE"}


def file_in_hub_cache(published: PublishedFile) -> CachedFile | None:
    """Find a file of the hub, of the revision that is published or, without one, of ``main``."""
    repository = _repository(published)
    revision = published.revision or _MAIN
    if not _COMMIT.fullmatch(revision):
        try:
            revision = (repository / "refs" / revision).read_text(encoding="utf-8").strip()
        except OSError:  # nothing of this repository was ever fetched, or nothing that is ours
            return None
    file = repository / "snapshots" / revision / published.name
    if not file.is_file():
        return None
    blob = file.resolve().name
    return CachedFile(file, revision, blob if _SHA256.fullmatch(blob) else None)


def partial_in_hub_cache(published: PublishedFile, etag: str) -> Path:
    """Return where a file is to grow until it is whole."""
    return _repository(published) / "blobs" / f"{etag}{PARTIAL}"


def lock_in_hub_cache(published: PublishedFile, etag: str) -> Path:
    """Return the file that the hub's own package locks, too, while it fetches."""
    repository = _repository(published)
    return repository.parent / ".locks" / repository.name / f"{etag}.lock"


def put_into_hub_cache(
    partial: Path, published: PublishedFile, *, etag: str, commit: str
) -> CachedFile:
    """Move a whole file into the cache, as the hub's own package would.

    Raises:
        OSError: The cache cannot be written to.
    """
    repository = _repository(published)
    blob = repository / "blobs" / etag
    file = repository / "snapshots" / commit / published.name
    file.parent.mkdir(parents=True, exist_ok=True)
    partial.replace(blob)
    if not (file.is_symlink() and file.exists()):
        file.unlink(missing_ok=True)
        try:
            file.symlink_to(os.path.relpath(blob, file.parent))
        except OSError:  # a file system without links; the hub's package moves the file, too
            blob.replace(file)
    if published.revision is None:
        with written_atomically(repository / "refs" / _MAIN) as ref:
            ref.write_text(commit, encoding="utf-8")
    return CachedFile(file, commit, etag if _SHA256.fullmatch(etag) else None)


def _repository(published: PublishedFile) -> Path:
    if published.hub is None:
        raise ValueError(f"{published.name} is not on the hub")
    return hub_cache_folder() / f"models--{published.hub.replace('/', '--')}"
