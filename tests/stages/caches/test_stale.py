"""What the settings and the manifest have no use for is found; the rest is not named."""

import json

import numpy as np
import pytest

from mmfeat.cache import CacheFolder, Failure, FeatureRow
from mmfeat.config.loading import load_project
from mmfeat.errors import CacheError
from mmfeat.progress import Silent
from mmfeat.stages.caches.importing import IMPORTED
from mmfeat.stages.caches.stale import find_stale
from mmfeat.stages.caches.stale_rows import CHANGED, NOT_LISTED
from mmfeat.stages.volume_encoder import volume_encoder
from mmfeat.volumes import source_sha256, source_stat

from ..extraction_cohort import make_cohort, write_scan


@pytest.fixture
def cohort(tmp_path):
    return make_cohort(tmp_path / "cohort", 4)


def _identity(cohort):
    project = load_project(cohort.config)
    return volume_encoder(project, project.settings.modalities["ct"], device="cpu").identity


def _fill(cohort, identity=None) -> CacheFolder:
    """Store a made-up feature of each scan as it is now."""
    folder = CacheFolder.open(cohort.folder / "cache", "ct", identity or _identity(cohort))
    paths = {case_id: cohort.folder / scan for case_id, scan in cohort.scans.items()}
    folder.commit(
        [
            FeatureRow(case_id, source_sha256(path), source_stat(path), np.ones(5, np.float32))
            for case_id, path in paths.items()
        ]
    )
    return folder


def _found(cohort):
    (found,) = find_stale(load_project(cohort.config), Silent())
    return found


def test_without_a_cache_and_with_a_fresh_one_nothing_is_stale(cohort):
    assert _found(cohort).n_stale == 0
    folder = _fill(cohort)
    found = _found(cohort)
    assert (found.path, found.n_stale, found.unreadable) == (folder.path, 0, ())


def test_features_of_cases_that_are_gone_and_of_changed_scans_are_stale(cohort):
    _fill(cohort)
    gone = cohort.scans.pop("case-000")
    cohort.scans["case-001"] = ""
    write_scan(cohort.folder / cohort.scans["case-002"], seed=99)
    cohort.write()
    why = {row.case_id: row.why for row in _found(cohort).rows}
    assert why == {"case-000": NOT_LISTED, "case-001": NOT_LISTED, "case-002": CHANGED}
    cohort.scans["case-000"] = gone
    assert "case-000" not in {row.case_id for row in _found(cohort.write()).rows}


def test_other_recipes_are_stale_with_their_fields_and_size(cohort):
    other = _fill(cohort, {**_identity(cohort), "embedding_size": 7})
    _fill(cohort)
    (folder,) = _found(cohort).folders
    assert (folder.path, folder.n_cases) == (other.path, 4)
    assert folder.n_bytes == sum(file.stat().st_size for file in other.path.iterdir())
    assert folder.differences == ("embedding_size (7 there, 89 here)",)
    told = json.loads(json.dumps(_found(cohort).to_json()))
    assert told["folders"][0]["path"] == str(other.path)


def test_damaged_folders_of_other_recipes_are_stale_too(cohort):
    torn = _fill(cohort, {"encoder": "torn"})
    next(torn.path.glob("*.h5")).write_bytes(b"torn")
    lost = _fill(cohort, {"encoder": "lost"})
    (lost.path / "recipe.json").unlink()
    found = {folder.path: folder for folder in _found(cohort).folders}
    assert found[torn.path].n_cases is None
    assert "recipe.json: cannot be read" in found[lost.path].differences[0]


def test_imported_embeddings_are_never_stale(cohort):
    _fill(cohort, {"encoder": IMPORTED, "name": "made elsewhere"})
    assert _found(cohort).n_stale == 0


def test_another_modality_in_the_cache_is_nobodys_business(cohort):
    CacheFolder.open(cohort.folder / "cache", "pet", {"encoder": "other"})
    assert _found(cohort).n_stale == 0


def test_failures_of_scans_that_are_gone_are_stale(cohort):
    folder = _fill(cohort)
    scan = str(cohort.folder / cohort.scans["case-000"])
    folder.record_failures(
        [Failure("case-000", path, "is torn", "s", "w") for path in (scan, "old.nii")]
    )
    assert _found(cohort).failures == (("case-000", "old.nii"),)


def test_a_damaged_shard_of_the_present_recipe_is_refused(cohort):
    folder = _fill(cohort)
    next(folder.path.glob("*.h5")).write_bytes(b"torn")
    with pytest.raises(CacheError, match="is torn or damaged"):
        _found(cohort)
