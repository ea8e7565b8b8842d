"""Open whatever cache folders there are at a path that somebody names."""

from pathlib import Path

from mmfeat.cache.finding import find_cache_folders
from mmfeat.cache.folder import CacheFolder
from mmfeat.cache.recipe import RECIPE_NAME
from mmfeat.errors import CacheError


def cache_paths(path: Path) -> list[Path]:
    """List the cache folders at or below a path, also those whose recipe is lost or torn."""
    found = {
        file.parent
        for name in (RECIPE_NAME, "shard-*.h5")
        for above in ("", "*/", "*/*/")
        for file in path.glob(above + name)
    }
    return sorted(found)


def named_cache_paths(path: Path) -> list[Path]:
    """List the cache folders as ``cache_paths`` does; there must be some.

    Args:
        path: A cache with its folders of modalities, one of these, or one folder in it.

    Raises:
        CacheError: There is nothing at the path, or no cache folder.
    """
    _check_folder(path)
    paths = cache_paths(path)
    if not paths:
        raise _none(path)
    return paths


def open_caches(path: Path) -> list[CacheFolder]:
    """Open the cache folders at or below a path.

    Args:
        path: A cache with its folders of modalities, one of these, or one folder in it.

    Raises:
        CacheError: There is nothing at the path, no cache folder, or a recipe cannot be read.
    """
    _check_folder(path)
    folders = find_cache_folders(path)
    if not folders:
        raise _none(path)
    return folders


def open_one_cache(path: Path) -> CacheFolder:
    """Open the only cache folder at or below a path.

    Raises:
        CacheError: As in ``open_caches``; or there are several, which the message names.
    """
    folders = open_caches(path)
    if len(folders) > 1:
        names = ", ".join(str(folder.path) for folder in folders)
        raise CacheError(f"{path}: holds {len(folders)} cache folders; name one of them: {names}")
    return folders[0]


def _check_folder(path: Path) -> None:
    if not path.is_dir():
        found = "is a file" if path.exists() else "no such folder"
        raise CacheError(
            f"{path}: {found}; name the folder that `extract.cache` names, or your settings file"
        )


def _none(path: Path) -> CacheError:
    return CacheError(
        f"{path}: no features in this folder; name the folder that `extract.cache` names, a "
        "modality's folder in it, or one of the folders in that; or run `mmfeat extract` first"
    )
