"""Features of other settings are found, the nearest first, with the fields that differ."""

import numpy as np

from mmfeat.cache import CacheFolder, FeatureRow
from mmfeat.stages.extraction.other_features import other_features

IDENTITY = {"encoder": "mean", "recipe": {"spacing_mm": 1.5, "version": 1}}


def _store(root, identity, *cases):
    folder = CacheFolder.open(root, "ct", identity)
    if cases:
        folder.commit(
            [FeatureRow(case, "ab" * 32, "1 s", np.ones(2, np.float32)) for case in cases]
        )
    return folder.path


def test_the_folder_that_differs_least_comes_first_and_the_own_one_is_left_out(tmp_path):
    _store(tmp_path, IDENTITY, "a")
    far = _store(tmp_path, {"encoder": "other", "recipe": {}}, "a", "b", "c")
    near = _store(tmp_path, {**IDENTITY, "recipe": {"spacing_mm": 3, "version": 1}}, "a", "b")
    found = other_features(tmp_path, "ct", IDENTITY)
    assert [(other.folder, other.cases) for other in found] == [
        (near, frozenset("ab")),
        (far, frozenset("abc")),
    ]
    assert found[0].differences == ("recipe.spacing_mm (3 there, 1.5 here)",)
    assert found[0].to_json() == {
        "folder": str(near),
        "n_cases": 2,
        "differences": ["recipe.spacing_mm (3 there, 1.5 here)"],
    }
    assert other_features(tmp_path, "pet", IDENTITY) == ()


def test_of_folders_that_differ_as_little_the_fullest_comes_first(tmp_path):
    for spacing_mm, cases in ((2, "a"), (3, "abc"), (4, "")):
        _store(tmp_path, {"encoder": "mean", "spacing_mm": spacing_mm}, *cases)
    found = other_features(tmp_path, "ct", {"encoder": "mean", "spacing_mm": 1})
    assert [len(other.cases) for other in found] == [3, 1, 0]
