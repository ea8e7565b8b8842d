"""Scanners add noise, a kernel and a field of view, and keep the tissue where it was."""

import numpy as np
import pytest

from mmfeat.demo.anatomy import draw_anatomy
from mmfeat.demo.scanner import KERNELS, SCANNERS, SITES, Acquisition, draw_acquisition, scan

SHAPE = (12, 48, 48)


def _acquisition(scanner: str, kernel: str, noise_hu: float = 12.0) -> Acquisition:
    return Acquisition(scanner, kernel, noise_hu, SHAPE, (4.0, 4.0, 4.0), (0.0, 0.0, 0.0))


def _scanned(kernel: str, noise_hu: float = 12.0, scanner: str = "Orion 64") -> np.ndarray:
    water = np.zeros(SHAPE, dtype=np.float32)
    return scan(np.random.default_rng(0), water, _acquisition(scanner, kernel, noise_hu))


def test_noise_has_the_asked_deviation_and_no_bias():
    image = _scanned("standard")
    assert image.std() == pytest.approx(12, rel=0.05)
    assert image.mean() == pytest.approx(0, abs=0.3)


def test_soft_kernels_smooth_noise_and_sharp_ones_raise_it():
    deviations = [_scanned(kernel).std() for kernel in ("soft", "standard", "lung")]
    assert deviations == sorted(deviations)
    assert deviations[2] > 1.3 * deviations[0]


def test_a_sharp_kernel_overshoots_at_edges():
    step = np.zeros(SHAPE, dtype=np.float32)
    step[:, :, 24:] = 1000
    image = scan(np.random.default_rng(0), step, _acquisition("Orion 64", "lung", 0.0))
    assert image.max() > 1050
    assert image.min() < -50


def test_a_round_field_is_padded_outside_its_circle():
    image = _scanned("soft", scanner="Vela S")
    assert (image[:, 0, 0] == -1024).all()
    assert (image[:, 24, 24] != -1024).all()


def test_every_site_has_known_scanners_with_known_kernels():
    assert {name for names in SITES.values() for name in names} == set(SCANNERS)
    assert {kernel for model in SCANNERS.values() for kernel in model.kernels} <= set(KERNELS)


def test_acquisitions_differ_and_cover_the_lungs():
    anatomy = draw_anatomy(np.random.default_rng(0), sex="F", bmi=24, seed=(0,))
    drawn = [
        draw_acquisition(np.random.default_rng(seed), anatomy, scanner="Orion 128", size=96)
        for seed in range(20)
    ]
    assert len({acquisition.spacing_mm for acquisition in drawn}) > 15
    for acquisition in drawn:
        levels = acquisition.grid.z
        assert levels.max() > anatomy.apex
        assert levels.min() < anatomy.dome_left - 42
        assert 1.0 < acquisition.spacing_mm[0] / acquisition.spacing_mm[1] < 1.6
