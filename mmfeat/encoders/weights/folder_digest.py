"""Digest a folder that holds a model: weights, settings and code."""

import hashlib
from pathlib import Path

from mmfeat.provenance import sha256_of_file


def sha256_of_folder(folder: Path) -> str:
    """Return the SHA-256 of the names and contents of all files in a folder, in hex.

    Of each file, in the order of their paths with ``/`` as text, its path and the SHA-256 of its
    content, a line each. Left out are what a hub's client or Python writes there by itself: names
    that begin with a dot, and ``__pycache__``.
    """
    digest = hashlib.sha256()
    for name, file in sorted(
        (file.relative_to(folder).as_posix(), file) for file in folder.rglob("*") if file.is_file()
    ):
        parts = name.split("/")
        if not any(part.startswith(".") or part == "__pycache__" for part in parts):
            digest.update(f"{name}\n{sha256_of_file(file)}\n".encode())
    return digest.hexdigest()
