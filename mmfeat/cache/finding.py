"""Find cache folders by where they lie, whatever they were made with."""

from pathlib import Path

from mmfeat.cache.folder import CacheFolder
from mmfeat.cache.recipe import RECIPE_NAME, read_recipe
from mmfeat.cache.shard import read_case_ids
from mmfeat.cache.shared_disk import while_shards_move


def find_cache_folders(path: Path) -> list[CacheFolder]:
    """Return the cache folders at or below a path: one folder, those of a modality, or all.

    Raises:
        CacheError: A recipe cannot be read.
    """
    patterns = (RECIPE_NAME, f"*/{RECIPE_NAME}", f"*/*/{RECIPE_NAME}")
    folders = [file.parent for pattern in patterns for file in sorted(path.glob(pattern))]
    return [CacheFolder(folder, read_recipe(folder)) for folder in folders]


def stored_cases(folder: CacheFolder) -> set[str]:
    """Return the cases that a cache folder has features of; quickly, for the rest is not checked.

    Raises:
        CacheError: A shard cannot be read.
    """
    return while_shards_move(
        lambda: {
            case_id
            for shard in sorted(folder.path.glob("shard-*.h5"))
            for case_id in read_case_ids(shard)
        }
    )
