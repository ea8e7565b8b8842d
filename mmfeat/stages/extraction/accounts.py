"""What the features of a project cost to extract, as the caches tell."""

from typing import Any

from mmfeat.cache import CacheFolder
from mmfeat.config.loading import Project
from mmfeat.config.modalities import VolumeModality
from mmfeat.stages.cache_place import cache_root
from mmfeat.stages.volume_encoder import volume_encoder


def last_extractions(project: Project) -> dict[str, dict[str, Any] | None]:
    """Return the account of each volume modality's last extraction; None where there is none left.

    Failures are left out: they are in the cache, and may be many.
    """
    root = cache_root(project)
    accounts: dict[str, dict[str, Any] | None] = {}
    for name, modality in project.settings.modalities.items():
        if isinstance(modality, VolumeModality):
            made = volume_encoder(project, modality, device=project.settings.extract.device)
            account = CacheFolder.find(root, name, made.identity).last_run()
            if account is not None:
                account.pop("failures", None)
            accounts[name] = account
    return accounts
