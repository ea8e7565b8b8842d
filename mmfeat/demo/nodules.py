"""Place nodules in the lungs and paint them: size, spikes, and how solid they are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmfeat.demo.anatomy import Anatomy, lung_distance
from mmfeat.demo.grid import Field, Grid, blend
from mmfeat.demo.patients import Lesions

SOLID_HU, GROUND_GLASS_HU = 35.0, -560.0
_SOLID_FROM = 0.75
"""Nodules up to this solid are ground glass outside."""
_CORE_FROM = 0.2
"""Nodules up to this solid have no solid core."""
_N_SPIKES = 16


@dataclass(frozen=True)
class Nodule:
    """Describe one nodule; spiculation and solidity are those of `Lesions`."""

    place_mm: NDArray[np.float64]
    """Right, anterior, superior."""
    diameter_mm: float
    spiculation: float
    solid: float
    seed: tuple[int, ...]
    """Seed of its shape."""


def place_nodules(anatomy: Anatomy, lesions: Lesions) -> list[Nodule]:
    """Return the nodules of a patient, the largest first; at each visit in the same places."""
    rng = np.random.default_rng((*anatomy.seed, 6))
    # The first place must not depend on the size, or a grown nodule would jump.
    found = [
        Nodule(
            _place_in_lung(rng, anatomy, margin_mm=12),
            lesions.diameter_mm,
            lesions.spiculation,
            lesions.solid,
            (*anatomy.seed, 7, 0),
        )
    ]
    for number in range(1, lesions.n_nodules):
        place = _place_in_lung(rng, anatomy, margin_mm=5)
        diameter_mm = min(rng.uniform(3.5, 6.5), lesions.diameter_mm)
        found.append(Nodule(place, diameter_mm, 0.0, 1.0, (*anatomy.seed, 7, number)))
    return found


def paint_nodule(grid: Grid, tissue: Field, nodule: Nodule) -> None:
    """Replace the tissue inside a nodule, in place; a nodule outside the grid changes nothing."""
    radius = nodule.diameter_mm / 2
    box, offsets = _around(grid, nodule.place_mm, 2.8 * radius + 2 * grid.edge_mm)
    if offsets.size == 0:
        return
    rng = np.random.default_rng(nodule.seed)
    distance = np.linalg.norm(offsets, axis=-1)
    direction = offsets / np.maximum(distance, 1e-3)[..., None]
    spikes = rng.normal(size=(_N_SPIKES, 3))
    spikes /= np.linalg.norm(spikes, axis=1, keepdims=True)
    lobes = radius * (1 + 0.12 * (direction @ spikes[0]) * (direction @ spikes[1]))
    spike = np.exp(11 * ((direction @ spikes.T).max(axis=-1) - 1))  # 1 at a tip, near 0 between
    surface = lobes * (1 + 1.6 * nodule.spiculation * (spike - 0.2))
    outer_hu = SOLID_HU if nodule.solid > _SOLID_FROM else GROUND_GLASS_HU
    blend(tissue[box], grid.inside(distance - surface), outer_hu)
    if _CORE_FROM < nodule.solid <= _SOLID_FROM:
        core = np.cbrt(nodule.solid) * lobes
        blend(tissue[box], grid.inside(distance - core), SOLID_HU)


def _place_in_lung(
    rng: np.random.Generator, anatomy: Anatomy, *, margin_mm: float
) -> NDArray[np.float64]:
    box = np.array([anatomy.half_width, anatomy.half_depth, 125.0])
    while True:
        place = rng.uniform(-box, box)
        if lung_distance(anatomy, *place) < -margin_mm:
            return place


def _around(
    grid: Grid, place_mm: NDArray[np.float64], reach_mm: float
) -> tuple[tuple[slice, ...], NDArray[np.float64]]:
    """Return the part of the grid near a place, and the offsets of its voxels: ``(d, h, w, 3)``."""
    slices, offsets = [], []
    for axis, middle in zip((grid.z, grid.y, grid.x), place_mm[::-1], strict=True):
        offset = axis.reshape(-1) - middle
        near = np.flatnonzero(np.abs(offset) < reach_mm)
        slices.append(slice(near[0], near[-1] + 1) if near.size else slice(0, 0))
        offsets.append(offset[slices[-1]])
    return tuple(slices), np.stack(np.meshgrid(*offsets, indexing="ij"), axis=-1)
