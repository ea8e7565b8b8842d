"""Where the feature caches of a project are."""

import hashlib
from pathlib import Path

from mmfeat.cache.mirror import CacheRoot, Mirror
from mmfeat.config.loading import Project
from mmfeat.errors import ConfigError
from mmfeat.remote_path import RemotePath


def cache_root(project: Project) -> CacheRoot:
    """Return the folder of the caches; of caches in an object store, their copy with its URL."""
    settings = project.settings.extract
    if not isinstance(settings.cache, RemotePath):
        return project.path(settings.cache)
    name = hashlib.sha256(str(settings.cache).encode()).hexdigest()[:12]
    return Mirror(project.path(settings.cache_copy) / name, settings.cache)


def cache_on_disk(project: Project) -> Path:
    """Return the folder of the caches, for what works on folders alone.

    Raises:
        ConfigError: They are in an object store.
    """
    root = cache_root(project)
    if isinstance(root, Path):
        return root
    raise ConfigError(
        f"extract.cache: {root.url} is an object store, where `mmfeat cache` does not work; name "
        f"the copy on this machine, {root.path}, to look at it; what is changed in it stays there"
    )
