"""Read a modality's embeddings that were made elsewhere: from a file, or from a cache folder."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mmfeat.cache.all_rows import content_sha256, read_all_rows
from mmfeat.cache.browsing import open_one_cache
from mmfeat.cache.placed_rows import place_all
from mmfeat.errors import FeaturesError
from mmfeat.provenance import sha256_of_file
from mmfeat.stages.cached_features import stored_vectors
from mmfeat.tabular import Embeddings, read_embeddings
from mmfeat.tabular.embedding_checks import listed
from mmfeat.tabular.embeddings import Key
from mmfeat.tabular.stored_vectors import StoredVectors


@dataclass(frozen=True)
class StoredEmbeddings:
    """Hold embeddings that are too many for memory and stay in the files of a cache folder."""

    ids: tuple[str, ...]
    vectors: StoredVectors


def read_embedding_source(
    path: Path, key: Key, *, most_bytes: float = math.inf
) -> tuple[Embeddings | StoredEmbeddings, str]:
    """Return embeddings, each id once, and a digest of what was read.

    Args:
        path: A file; or a cache folder, as `mmfeat cache import` makes it, whose cases are the ids.
        key: What names the rows.
        most_bytes: Embeddings of a cache folder that take more than this stay there.

    Raises:
        FeaturesError: The file cannot be used, or the folder has several scans of a case.
        CacheError: The folder is empty, damaged, or no cache folder.
    """
    if not path.exists() and not path.suffix:
        raise FeaturesError(f"{path}: no such cache folder; give its path in the settings")
    if not path.is_dir():
        return read_embeddings(path, key), sha256_of_file(path)
    folder = open_one_cache(path)
    n_rows = sum(len(shard.keys) for shard in folder.shards())
    if n_rows * folder.width() * 4 > most_bytes:
        placed = place_all(folder)
        _refuse_several(path, key, placed.case_ids)
        stored = StoredEmbeddings(placed.case_ids, stored_vectors(placed.rows))
        return stored, placed.content_sha256
    rows = read_all_rows(folder)
    _refuse_several(path, key, rows.case_ids)
    embeddings = Embeddings(rows.case_ids, rows.features)
    return embeddings, content_sha256(rows.case_ids, rows.sources, rows.features)


def _refuse_several(path: Path, key: Key, case_ids: Sequence[str]) -> None:
    several = [case_id for case_id, count in Counter(case_ids).items() if count > 1]
    if several:
        raise FeaturesError(
            f"{path}: has several scans of {listed(several)}, and one vector for each {key} is "
            "needed; export it, make one vector of each case's scans, and import that"
        )
