"""What a cache holds that the settings and the cohort have no use for any more."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mmfeat.cache import CacheFolder, ScanKey, differing_fields, stored_cases
from mmfeat.cache.browsing import cache_paths
from mmfeat.cache.failures import read_failures
from mmfeat.cache.folder_files import folder_bytes
from mmfeat.cache.recipe import read_recipe
from mmfeat.config.loading import Project
from mmfeat.config.modalities import VolumeModality
from mmfeat.errors import CacheError
from mmfeat.manifest.cohort import Cohort, ScanSource
from mmfeat.progress import Progress
from mmfeat.provenance import abandoned_partials
from mmfeat.stages.cache_place import cache_on_disk
from mmfeat.stages.caches.importing import IMPORTED
from mmfeat.stages.caches.stale_rows import StaleRow, stale_rows
from mmfeat.stages.cohort import open_cohort
from mmfeat.stages.volume_encoder import volume_encoder


@dataclass(frozen=True)
class StaleFolder:
    """Name a cache folder of another recipe."""

    path: Path
    n_cases: int | None
    """None where its shards cannot be read."""
    n_bytes: int
    differences: tuple[str, ...]
    """Fields of the recipe, each with its value there and in the settings."""


@dataclass(frozen=True)
class StaleModality:
    """Say what is stale in the cache of one modality."""

    modality: str
    path: Path
    """The folder of the present recipe."""
    folders: tuple[StaleFolder, ...]
    rows: tuple[StaleRow, ...]
    failures: tuple[ScanKey, ...]
    """Case and path of listed failures whose scan is not in the manifest any more."""
    partials: tuple[Path, ...]
    """Half-written files that dead processes left."""
    unreadable: tuple[str, ...]
    """Cases whose scan cannot be looked at now, so that their features stay."""

    @property
    def n_stale(self) -> int:
        """Count all that is stale."""
        return sum(map(len, (self.folders, self.rows, self.failures, self.partials)))

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "modality": self.modality,
            "path": str(self.path),
            "folders": [{**asdict(folder), "path": str(folder.path)} for folder in self.folders],
            "rows": [asdict(row) for row in self.rows],
            "failures": [{"case_id": case_id, "path": path} for case_id, path in self.failures],
            "partials": [str(path) for path in self.partials],
            "unreadable": list(self.unreadable),
        }


def find_stale(project: Project, progress: Progress) -> list[StaleModality]:
    """Compare the caches of all volume modalities with the settings and the cohort.

    A scan is digested only where its names, sizes and times fit no feature of its case.

    Raises:
        CohortError: The manifest is not usable.
        EncoderError: An encoder cannot be made, for example because its weights are not there.
        CacheError: The folder of the present recipe is damaged.
        ConfigError: The caches are in an object store.
    """
    cohort = open_cohort(project)
    root = cache_on_disk(project)
    found = []
    for name, modality in project.settings.modalities.items():
        if isinstance(modality, VolumeModality):
            identity = volume_encoder(project, modality, device="cpu").identity
            found.append(_of_modality((root, name, identity), _scans(cohort, name), progress))
    return found


def _scans(cohort: Cohort, modality: str) -> dict[str, list[ScanSource]]:
    """Return the scans of each case that has any."""
    cases = zip(cohort.case_ids, cohort.sources[modality], strict=True)
    return {case_id: [scan.source for scan in scans] for case_id, scans in cases if scans}


def _of_modality(
    where: tuple[Path, str, dict[str, Any]],
    scans: Mapping[str, Sequence[ScanSource]],
    progress: Progress,
) -> StaleModality:
    root, name, identity = where
    rows: list[StaleRow] = []
    failures: list[ScanKey] = []
    unreadable: list[str] = []
    path = CacheFolder.location(*where)
    if CacheFolder.exists(*where):
        rows, unreadable = stale_rows(CacheFolder.find(*where).index(), scans, progress)
        listed = {(case_id, str(scan)) for case_id, sources in scans.items() for scan in sources}
        failures = sorted(read_failures(path).keys() - listed)
    others = (
        [one for one in cache_paths(root / name) if one != path] if path.parent.is_dir() else []
    )
    return StaleModality(
        modality=name,
        path=path,
        folders=tuple(_stale_folders(others, identity)),
        rows=tuple(rows),
        failures=tuple(failures),
        partials=tuple(abandoned_partials(path, time.time())),
        unreadable=tuple(unreadable),
    )


def _stale_folders(paths: Sequence[Path], identity: Mapping[str, Any]) -> Iterator[StaleFolder]:
    """Describe folders of other recipes; imports are none, for no extraction brings them back."""
    for path in paths:
        try:
            recipe = read_recipe(path)
        except CacheError as error:
            yield StaleFolder(path, None, folder_bytes(path), (str(error),))
            continue
        if recipe.get("encoder") != IMPORTED:
            differences = tuple(differing_fields(recipe, identity))
            yield StaleFolder(path, _count_cases(path, recipe), folder_bytes(path), differences)


def _count_cases(path: Path, recipe: Mapping[str, Any]) -> int | None:
    try:
        return len(stored_cases(CacheFolder(path, recipe)))
    except CacheError:
        return None  # torn, and stale all the same
