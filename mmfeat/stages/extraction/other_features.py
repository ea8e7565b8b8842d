"""Features that a cache holds of other settings, and in what these differ from the present ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmfeat.cache import differing_fields, find_cache_folders, stored_cases
from mmfeat.cache.mirror import CacheRoot, path_of
from mmfeat.provenance import canonical_json


@dataclass(frozen=True)
class OtherFeatures:
    """Name a cache folder that was made with other settings."""

    folder: Path
    cases: frozenset[str]
    differences: tuple[str, ...]
    """The fields that differ, each with its value there and here."""

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "folder": str(self.folder),
            "n_cases": len(self.cases),
            "differences": list(self.differences),
        }


def other_features(
    root: CacheRoot, modality: str, identity: Mapping[str, Any]
) -> tuple[OtherFeatures, ...]:
    """Return a modality's features of other settings, those that differ in the fewest fields first.

    Raises:
        CacheError: One of the folders is damaged.
    """
    found = [
        OtherFeatures(
            folder.path,
            frozenset(stored_cases(folder)),
            tuple(differing_fields(folder.identity, identity)),
        )
        for folder in find_cache_folders(path_of(root) / modality)
        if canonical_json(folder.identity) != canonical_json(identity)
    ]
    return tuple(sorted(found, key=lambda one: (len(one.differences), -len(one.cases))))
