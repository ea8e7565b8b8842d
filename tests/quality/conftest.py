"""A body in air to measure, and the facts of a good scan to judge."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mmfeat.quality import QualityFacts
from mmfeat.volumes import HuArray, Volume

SPL = np.array([[0.0, 0.0, -1.0], [0.0, -1.0, 0.0], [1.0, 0.0, 0.0]])
"""Directions of axes that point to superior, posterior and left, a column each."""


@pytest.fixture(scope="session")
def volume_of() -> Callable[..., Volume]:
    """A function that puts HU ``(superior, posterior, left)`` on a grid of some spacing."""

    def make(
        hu: HuArray, spacing_mm: tuple[float, float, float] = (5.0, 2.0, 2.0), **others: Any
    ) -> Volume:
        affine = np.eye(4)
        affine[:3, :3] = SPL @ np.diag(spacing_mm)
        return Volume(hu, affine, **others)

    return make


@pytest.fixture
def body_hu() -> HuArray:
    """A block of muscle with fat around it and noise of 10 HU, in air: ``(30, 100, 120)``."""
    generator = np.random.default_rng(0)
    hu = np.full((30, 100, 120), -1000, np.int16)
    hu[:, 20:80, 20:100] = -100
    hu[:, 28:72, 28:92] = 50
    return hu + generator.normal(0, 10, hu.shape).round().astype(np.int16)


@pytest.fixture(scope="session")
def good_facts() -> Callable[..., QualityFacts]:
    """A function that gives the facts of a good chest scan; any of them can be changed."""
    facts = QualityFacts(
        shape=(300, 512, 512),
        spacing_mm=(1.0, 0.7, 0.7),
        orientation="SPL",
        oblique_deg=0.0,
        n_slices=300,
        slice_spacing_mm=1.0,
        pixel_mm=0.7,
        coverage_si_mm=300.0,
        coverage_ap_mm=358.4,
        coverage_lr_mm=358.4,
        minimum_hu=-1024.0,
        maximum_hu=1800.0,
        share_at_minimum=0.02,
        share_at_maximum=0.000001,
        percentiles_hu={
            "0.1": -1024.0,
            "1": -1010.0,
            "25": -980.0,
            "50": -600.0,
            "75": 20.0,
            "99": 400.0,
            "99.9": 900.0,
        },
        n_levels=2500,
        hu_doubt=None,
        air_hu=-1000.0,
        soft_tissue_hu=50.0,
        padding_share=0.21,
        body_share=0.5,
        is_crop=False,
        cut_outline_share=0.01,
        metal_share=0.0,
        noise_hu=12.0,
        header={"manufacturer": "A", "model": "B", "kernel": "soft", "slice_thickness_mm": "1.0"},
        notes=(),
    )
    return lambda **changes: replace(facts, **changes)
