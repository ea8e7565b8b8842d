"""Read a modality's embeddings that were made elsewhere: from a file, or from a cache folder."""

from collections import Counter
from pathlib import Path

from mmfeat.cache.all_rows import content_sha256, read_all_rows
from mmfeat.cache.browsing import open_one_cache
from mmfeat.errors import FeaturesError
from mmfeat.provenance import sha256_of_file
from mmfeat.tabular import Embeddings, read_embeddings
from mmfeat.tabular.embedding_checks import listed
from mmfeat.tabular.embeddings import Key


def read_embedding_source(path: Path, key: Key) -> tuple[Embeddings, str]:
    """Return embeddings, each id once, and a digest of what was read.

    Args:
        path: A file; or a cache folder, as `mmfeat cache import` makes it, whose cases are the ids.
        key: What names the rows.

    Raises:
        FeaturesError: The file cannot be used, or the folder has several scans of a case.
        CacheError: The folder is empty, damaged, or no cache folder.
    """
    if not path.exists() and not path.suffix:
        raise FeaturesError(f"{path}: no such cache folder; give its path in the settings")
    if not path.is_dir():
        return read_embeddings(path, key), sha256_of_file(path)
    rows = read_all_rows(open_one_cache(path))
    several = [case_id for case_id, count in Counter(rows.case_ids).items() if count > 1]
    if several:
        raise FeaturesError(
            f"{path}: has several scans of {listed(several)}, and one vector for each {key} is "
            "needed; export it, make one vector of each case's scans, and import that"
        )
    embeddings = Embeddings(rows.case_ids, rows.features)
    return embeddings, content_sha256(rows.case_ids, rows.sources, rows.features)
