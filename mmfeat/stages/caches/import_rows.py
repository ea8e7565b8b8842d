"""The rows of all files of an import, in order, each once."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mmfeat.errors import FeaturesError
from mmfeat.progress import Progress
from mmfeat.provenance import sha256_of_file
from mmfeat.stages.caches.import_files import ImportRules, read_import_file


@dataclass(frozen=True)
class ImportRows:
    """Hold the rows of all files, sorted by id and source.

    Shape:
        - ``vectors``: ``(rows, width)``, float32, finite.
    """

    case_ids: tuple[str, ...]
    sources: tuple[str, ...]
    """Digest of what each row was made from; where the file does not say, the file's own."""
    vectors: NDArray[np.float32]
    left_out: tuple[str, ...]
    digests: tuple[str, ...]
    """SHA-256 of each file."""


def read_import_files(files: Sequence[Path], rules: ImportRules, progress: Progress) -> ImportRows:
    """Read all files, one after the other.

    Raises:
        FeaturesError: One cannot be read, or they do not fit together; the message names the file
            and the case.
    """
    progress.start("reading embeddings", total=len(files))
    known: dict[tuple[str, str], Path] = {}
    keys: list[tuple[str, str]] = []
    parts: list[NDArray[np.float32]] = []
    left_out: dict[str, None] = {}
    digests = []
    for file in files:
        found = read_import_file(file, rules)
        digests.append(sha256_of_file(file))
        width, wanted = found.vectors.shape[1], (parts or [found.vectors])[0].shape[1]
        if width != wanted:
            raise FeaturesError(
                f"{file}: `{found.ids[0]}` has {width} values, and `{keys[0][0]}` of {files[0]} "
                f"{wanted}; all vectors of a modality must be of one width"
            )
        parts.append(found.vectors)
        # Without digests of the scans, an id can only be meant once, in whichever file.
        for case_id, source in zip(found.ids, found.sources or [""] * len(found.ids), strict=True):
            _check(file, case_id, known.get((case_id, source)))
            known[case_id, source] = file
            keys.append((case_id, source or digests[-1]))
        left_out |= dict.fromkeys(found.left_out)
        progress.advance()
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return ImportRows(
        case_ids=tuple(keys[row][0] for row in order),
        sources=tuple(keys[row][1] for row in order),
        vectors=np.concatenate(parts)[order],
        left_out=tuple(left_out),
        digests=tuple(digests),
    )


def _check(file: Path, case_id: str, before: Path | None) -> None:
    if before is not None:
        where = "twice" if before == file else f"and so does {before}"
        raise FeaturesError(f"{file}: names `{case_id}` {where}; leave one of the two out")
    if not case_id.isprintable():
        raise FeaturesError(f"{file}: {case_id!a} is no id, for it has signs that no one can see")
