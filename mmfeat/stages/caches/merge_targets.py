"""Which cache folder takes over which others; of another recipe, none does."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmfeat.cache import CacheFolder, differing_fields, find_cache_folders
from mmfeat.cache.browsing import open_caches
from mmfeat.cache.recipe import RECIPE_NAME, read_recipe
from mmfeat.errors import CacheError
from mmfeat.provenance import canonical_json, fingerprint


@dataclass
class MergeTarget:
    """Hold a cache folder, which need not be there yet, and the folders that go into it."""

    root: Path
    modality: str
    identity: dict[str, Any]
    sources: list[CacheFolder] = field(default_factory=list)

    @property
    def path(self) -> Path:
        """Where it is or would be."""
        return CacheFolder.location(self.root, self.modality, self.identity)

    def open_to_read(self) -> CacheFolder | None:
        """Open the folder; None when it is not there."""
        where = (self.root, self.modality, self.identity)
        return CacheFolder.find(*where) if CacheFolder.exists(*where) else None

    def open_to_write(self) -> CacheFolder:
        """Open the folder, and make it when it is not there.

        Raises:
            CacheError: It cannot be made, or holds another recipe.
        """
        return CacheFolder.open(self.root, self.modality, self.identity)


def merge_targets(sources: Sequence[Path], into: Path) -> list[MergeTarget]:
    """Find the folder that each source goes into: of its modality and its recipe.

    Args:
        sources: Caches, folders of modalities, or folders in these. The modality of a folder is
            the name of the folder above it.
        into: A cache, which need not be there; or a modality's folder or a folder in one, and then
            the modalities' names in the sources do not matter.

    Raises:
        CacheError: A source has no features, or another recipe than the destination or another
            source of its modality; the message names the fields.
    """
    into = into.absolute()
    root, modality = _place(into)
    targets: dict[Path, MergeTarget] = {}
    for folder in [folder for path in sources for folder in open_caches(path)]:
        name = modality or folder.path.absolute().parent.name
        target = MergeTarget(root, name, folder.identity)
        if target.path.exists() and target.path.samefile(folder.path):
            raise CacheError(f"{folder.path}: is the destination itself; name only the others")
        accepted = _accepted(into, root / name, targets)
        if accepted and canonical_json(folder.identity) not in map(canonical_json, accepted):
            raise CacheError(_foreign(folder, accepted, into))
        targets.setdefault(target.path, target).sources.append(folder)
    return list(targets.values())


def _place(into: Path) -> tuple[Path, str | None]:
    """Return the cache that a path is or is in, and the modality if the path says which."""
    if into.exists() and not into.is_dir():
        raise CacheError(f"{into}: is a file; name a folder after --into")
    if (into / RECIPE_NAME).exists():
        name = fingerprint(read_recipe(into))[:12]
        if into.name != name:
            raise CacheError(
                f"{into}: its recipe has the fingerprint {name}; give the folder that name again, "
                "or name another one after --into"
            )
        return into.parent.parent, into.parent.name
    if any(into.glob(f"*/{RECIPE_NAME}")):
        return into.parent, into.name
    return into, None


def _accepted(
    into: Path, modality_folder: Path, targets: dict[Path, MergeTarget]
) -> list[dict[str, Any]]:
    """Return the recipes that fit a modality: those that are there, or else the first source's."""
    if (into / RECIPE_NAME).exists():
        return [read_recipe(into)]
    there = [folder.identity for folder in find_cache_folders(modality_folder)]
    first = [one.identity for path, one in targets.items() if path.parent == modality_folder]
    return there or first


def _foreign(folder: CacheFolder, accepted: Sequence[dict[str, Any]], into: Path) -> str:
    nearest = min((differing_fields(folder.identity, one) for one in accepted), key=len)
    return (
        f"{folder.path}: has another recipe than {into}, or than another source: "
        f"{', '.join(nearest)}; only features of one recipe go together, so name the folders that "
        "fit, or give this one another --into"
    )
