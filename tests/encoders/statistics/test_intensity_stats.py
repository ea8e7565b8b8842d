"""The statistics as an encoder: what moves them and what does not."""

import numpy as np
import pytest

from mmfeat.encoders.statistics.intensity_stats import IntensityStats
from mmfeat.preprocessing.orientation import reorient
from mmfeat.volumes import Volume, read_volume

DENSITY = slice(2, 13)
"""Percentiles and deviation of the body."""


def _chest(noise_hu: float = 0.0) -> Volume:
    generator = np.random.default_rng(3)
    hu = np.full((36, 60, 60), -1000, np.float32)
    hu[:, 6:54, 4:56] = 45
    hu[4:32, 14:46, 9:27] = hu[4:32, 14:46, 33:51] = -850
    hu[14:19, 25:31, 15:20] = 30
    hu += generator.normal(0, noise_hu, hu.shape).astype(np.float32)
    return Volume(np.round(hu), np.diag([3.0, 3.0, 3.0, 1.0])[[2, 1, 0, 3]])


def _embed(volume: Volume, **options) -> np.ndarray:
    encoder = IntensityStats(**options)
    return encoder.pool(encoder.encode(encoder.prepare(volume)))


def test_there_are_as_many_statistics_as_promised_and_all_are_finite():
    feature = _embed(_chest())
    assert feature.shape == (IntensityStats.embedding_size,)
    assert feature.dtype == np.float32
    assert np.isfinite(feature).all()


@pytest.mark.parametrize("axes", ["RAS", "LPI", "ASL", "IRP"])
def test_the_order_of_axes_in_the_file_changes_nothing(axes):
    volume = _chest(noise_hu=10)
    turned = reorient(volume, axes)
    np.testing.assert_array_equal(_embed(turned), _embed(volume))


def test_whole_numbers_and_floats_give_the_same():
    volume = _chest(noise_hu=10)
    whole = Volume(volume.hu.astype(np.int16), volume.affine)
    np.testing.assert_array_equal(_embed(whole), _embed(volume))


def test_body_percentiles_are_those_of_the_drawing():
    feature = _embed(_chest())
    median = feature[DENSITY][5]
    assert median == 45


def test_padding_outside_the_field_of_view_counts_as_air():
    volume = _chest()
    padded = Volume(np.where(volume.hu == -1000, -3024, volume.hu), volume.affine)
    air = Volume(np.where(volume.hu == -1000, -1024, volume.hu), volume.affine)
    np.testing.assert_array_equal(_embed(padded), _embed(air))


def test_a_volume_without_lungs_has_numbers_too():
    head = np.full((20, 40, 40), -1000, np.float32)
    head[:, 8:32, 8:32] = 35
    assert np.isfinite(_embed(Volume(head, np.diag([3.0, 1.0, 1.0, 1.0])))).all()


def test_a_constant_volume_has_numbers_too():
    assert np.isfinite(_embed(Volume(np.zeros((4, 4, 4), np.float32), np.eye(4)))).all()


def test_another_spacing_is_another_recipe_and_another_feature():
    fine, coarse = (IntensityStats(spacing_mm=value) for value in (3.0, 6.0))
    assert fine.recipe != coarse.recipe
    assert not np.array_equal(_embed(_chest(), spacing_mm=3.0), _embed(_chest(), spacing_mm=6.0))


def test_real_scans_of_chest_and_abdomen_are_told_apart(shared_data):
    folder = shared_data / "ct_nifti"
    files = sorted(folder.glob("*.nii.gz"))
    features = {file.name: _embed(read_volume(file)) for file in files}
    assert all(np.isfinite(feature).all() for feature in features.values())
    lungs_ml = {name: np.expm1(feature[1]) for name, feature in features.items()}
    chest = next(name for name in lungs_ml if "chest" in name)
    assert lungs_ml[chest] == max(lungs_ml.values())
    assert lungs_ml[chest] > 100
