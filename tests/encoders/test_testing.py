"""The check that packages put into their tests finds what is not as it has to be."""

import numpy as np
import pytest

from mmfeat import encoders
from mmfeat.encoders.statistics.intensity_stats import IntensityStats
from mmfeat.encoders.testing import CHECKS, ContractError, Subject, check_encoder, made_up_scan

SCANS = [made_up_scan(seed=seed) for seed in (1, 5)]


def test_an_encoder_that_keeps_the_contract_passes():
    check_encoder("intensity-stats", scans=SCANS)


class Wrong(IntensityStats):
    """An encoder of which one thing is changed."""

    change = ""
    calls = 0

    def prepare(self, volume):
        windows = super().prepare(volume)
        Wrong.calls += 1
        match self.change:
            case "changes the scan":
                volume.hu[0, 0, 0] = 7
            case "changes itself":
                self.usual_batch += 1
            case "float64":
                windows = windows.astype(np.float64)
            case "not in order":
                windows = np.asfortranarray(np.stack([windows[0]] * 2))
            case "hangs on calls":
                windows = windows + np.float32(Wrong.calls)
            case "hangs on axes":
                windows = windows + np.float32(volume.hu[0, 0, 0])
            case "hangs on the kind":
                windows = windows + np.float32(volume.hu.dtype == np.int16)
        return windows

    def encode(self, batch, usage=None):
        features = super().encode(batch, usage)
        match self.change:
            case "hangs on the batch":
                features = features - features.mean(axis=0) + np.arange(features.shape[1])
            case "one number less":
                features = features[:, 1:]
        return features

    def pool(self, features):
        vector = super().pool(features)
        match self.change:
            case "short":
                vector = vector[1:]
            case "not finite":
                vector = vector * np.float32(np.nan)
            case "always the same":
                vector = np.ones_like(vector)
        return vector


@pytest.mark.parametrize(
    ("change", "check", "message"),
    [
        ("changes the scan", "preparing changes neither", "the scan is changed"),
        ("changes itself", "preparing changes neither", "preparing changes the encoder"),
        ("float64", "windows are float32", "windows are float64"),
        ("not in order", "windows are float32", "do not lie in memory"),
        ("one number less", "windows are float32", "features of windows have the shape"),
        ("hangs on calls", "preparing on many threads", "windows differ from those of one thread"),
        ("hangs on axes", "the order of the axes", "the same scan gives other windows"),
        ("hangs on the kind", "whole numbers give", "has another vector than in float32"),
        ("hangs on the batch", "a window has the same feature", "hangs on its batch"),
        ("hangs on the batch", "in batches of one size", "bits hang on the other windows"),
        ("short", "its vector is finite", "the vector's shape is"),
        ("not finite", "its vector is finite", "the vector is not finite"),
        ("always the same", "its vector is finite", "two scans have the same vector"),
    ],
)
def test_what_is_not_so_is_found(change, check, message):
    encoder = Wrong()
    encoder.change = change
    (found,) = (one for one in CHECKS if one.startswith(check))
    with pytest.raises(ContractError, match=message):
        CHECKS[found](Subject(encoder, Wrong, SCANS))


def test_a_recipe_without_a_code_version_and_one_that_is_no_json_are_found():
    encoder = Wrong()
    (found,) = (one for one in CHECKS if one.startswith("its recipe is plain JSON"))
    encoder.recipe = {key: value for key, value in encoder.recipe.items() if key != "code_version"}
    with pytest.raises(ContractError, match="the recipe has no `code_version`"):
        CHECKS[found](Subject(encoder, Wrong, SCANS))
    encoder.recipe = Wrong().recipe | {"size": (1, 2)}
    with pytest.raises(ContractError, match="it changes on the way through JSON"):
        CHECKS[found](Subject(encoder, Wrong, SCANS))


def test_all_that_is_wrong_is_told_at_once(monkeypatch):
    monkeypatch.setattr(IntensityStats, "pool", lambda self, features: features[0, 1:])
    monkeypatch.setattr(IntensityStats, "recipe_of", staticmethod(lambda **options: {"a": 1}))
    with pytest.raises(ContractError) as error:
        check_encoder("intensity-stats", scans=SCANS)
    assert "intensity-stats: 2 checks failed\n" in str(error.value)
    assert "its recipe is plain JSON with what has to be in it: the recipe has no" in str(
        error.value
    )


def test_each_made_up_scan_differs_and_is_whole_numbers():
    one, other = SCANS
    assert not np.array_equal(one.hu, other.hu)
    assert (one.hu == np.round(one.hu)).all()
    inside = np.linalg.solve(one.affine, [*one.point_mm, 1])[:3]
    assert (inside > 0).all()
    assert (inside < one.hu.shape).all()


def test_the_names_that_packages_import_are_there():
    for name in encoders.__all__:
        assert getattr(encoders, name) is not None
