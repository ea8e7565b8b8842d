"""Paint one patient's chest in Hounsfield units, before any scanner has looked at it."""

import numpy as np

from mmfeat.demo.anatomy import (
    LEFT,
    RIGHT,
    Anatomy,
    cage_distance,
    diaphragm_height,
    outline_distance,
)
from mmfeat.demo.bones import paint_bones
from mmfeat.demo.grid import Field, Grid, blend, strand
from mmfeat.demo.lungs import HILA, paint_lungs
from mmfeat.demo.patients import Lesions

AIR_HU, FAT_HU, MUSCLE_HU, BLOOD_HU = -1000.0, -100.0, 50.0, 42.0
LIVER_HU, SPLEEN_HU, STOMACH_HU = 58.0, 50.0, 30.0


def paint_chest(grid: Grid, anatomy: Anatomy, lesions: Lesions) -> Field:
    """Return the attenuation of each voxel: ``(depth, height, width)``, float32, HU."""
    hu = np.full(grid.shape, AIR_HU, dtype=np.float32)
    _paint_couch(grid, hu, anatomy)
    _paint_wall(grid, hu, anatomy)
    _paint_middle(grid, hu, anatomy)
    _paint_belly(grid, hu, anatomy)
    _paint_heart_and_vessels(grid, hu, anatomy)
    paint_lungs(grid, hu, anatomy, lesions)
    _paint_airways(grid, hu, anatomy)
    paint_bones(grid, hu, anatomy)
    return hu


def _paint_couch(grid: Grid, hu: Field, anatomy: Anatomy) -> None:
    depth = grid.y - (anatomy.back_y - 8 + grid.x**2 / 900)
    wide = np.abs(grid.x) - 200
    shell = np.maximum(np.abs(depth + 6) - 7, wide)
    blend(hu, grid.inside(shell), -820.0)
    blend(hu, grid.inside(np.maximum(np.abs(depth) - 1.5, wide)), -250.0)


def _paint_wall(grid: Grid, hu: Field, anatomy: Anatomy) -> None:
    skin = outline_distance(anatomy, grid.x, grid.y, grid.z, outside=anatomy.muscle + anatomy.fat)
    body = grid.inside(skin)
    if anatomy.sex == "F":
        front = anatomy.half_depth + anatomy.muscle + 0.3 * anatomy.fat
        for side in (RIGHT, LEFT):
            breast = grid.ellipsoid((side * 74, front - 6, -8), (62, 20 + 0.6 * anatomy.fat, 64))
            np.maximum(body, breast, out=body)
    blend(hu, body, FAT_HU)
    rim = np.clip(1 - np.abs(skin + 1.0) / 2.5, 0, 1)
    blend(hu, 0.7 * rim, 20.0)
    muscle = outline_distance(anatomy, grid.x, grid.y, grid.z, outside=anatomy.muscle)
    streaks = grid.texture(np.random.default_rng((*anatomy.seed, 20)), 11.0)
    blend(hu, grid.inside(muscle), MUSCLE_HU)
    # Fat between the muscles of the chest wall.
    planes = np.clip(1 - np.abs(muscle + 0.55 * anatomy.muscle) / 3, 0, 1) * np.clip(
        streaks + 0.4, 0, 1
    )
    blend(hu, 0.9 * planes, FAT_HU)


def _paint_middle(grid: Grid, hu: Field, anatomy: Anatomy) -> None:
    """Fill the rib cage with fat; lungs and organs are painted over it."""
    blend(hu, grid.inside(cage_distance(anatomy, grid.x, grid.y, grid.z)), FAT_HU + 10)


def _paint_belly(grid: Grid, hu: Field, anatomy: Anatomy) -> None:
    below = grid.inside(
        np.maximum(
            cage_distance(anatomy, grid.x, grid.y, grid.z) + 1,
            grid.z + 3 - diaphragm_height(anatomy, grid.x, grid.y),
        )
    )
    width, depth = anatomy.half_width, anatomy.half_depth
    right, left = anatomy.dome_right, anatomy.dome_left
    liver = grid.ellipsoid((0.42 * width, 6, right - 62), (0.72 * width, 0.95 * depth, 68))
    lobe = grid.ellipsoid((-0.1 * width, 0.35 * depth, right - 60), (0.62 * width, 0.5 * depth, 44))
    blend(hu, below * np.maximum(liver, lobe), LIVER_HU)
    spleen = grid.ellipsoid((-0.66 * width, -0.35 * depth, left - 48), (32, 42, 46), 0.5)
    blend(hu, below * spleen, SPLEEN_HU)
    stomach = grid.ellipsoid((-0.48 * width, 0.25 * depth, left - 46), (44, 36, 42))
    blend(hu, below * stomach, STOMACH_HU)
    blend(hu, below * stomach * np.clip((grid.y - 0.35 * depth) / 6, 0, 1), -960.0)
    diaphragm = np.abs(grid.z - diaphragm_height(anatomy, grid.x, grid.y) + 1.5) - 2.0
    blend(
        hu,
        grid.inside(np.maximum(diaphragm, cage_distance(anatomy, grid.x, grid.y, grid.z))),
        MUSCLE_HU,
    )


def _paint_heart_and_vessels(grid: Grid, hu: Field, anatomy: Anatomy) -> None:
    size = anatomy.heart
    heart = grid.ellipsoid((-24, 20, -52), (57 * size, 46 * size, 58), -0.45)
    atrium = grid.ellipsoid((16 * size, 2, -38), (30 * size, 34 * size, 40))
    blend(hu, np.maximum(heart, atrium), BLOOD_HU)
    back = anatomy.spine_y + 26
    strands: dict[float, list[tuple[float, float, float]]] = {
        13.5: [
            (8, 16, -20),
            (12, 20, 14),
            (6, 12, 40),
            (-10, -8, 50),
            (-23, back, 38),
        ],  # aorta, rising
        11.5: [(-23, back, 38), (-24, back, -60), (-14, back - 4, -180)],  # and falling
        9.0: [(26, 14, -30), (24, 14, 50), (16, 18, 80)],  # upper vena cava
        11.0: [(-14, 30, -10), (-16, 20, 14), (-26, -4, 16)],  # trunk of the lung arteries
        9.5: [(-14, 8, 12), (14, -4, 4), (34, -8, 2)],  # its right branch
        5.5: [(-6, 0, 50), (-16, -6, 90), (-24, -4, 150)],  # to the left arm and head
        5.0: [(4, 8, 50), (14, 4, 90), (22, 0, 150)],
        6.5: [(-4, -22, 150), (-5, back - 2, 40), (-8, back + 4, -150)],  # gullet
    }
    points, radii = [], []
    for radius, corners in strands.items():
        points.append(strand(corners))
        radii.append(np.full(len(points[-1]), radius))
    blend(hu, grid.tubes(np.concatenate(points), np.concatenate(radii)), BLOOD_HU - 2)


def _paint_airways(grid: Grid, hu: Field, anatomy: Anatomy) -> None:
    windpipe = strand([(0, -6, anatomy.apex + 60), (1, -8, 80), (1, -12, 34)])
    right = strand([(1, -12, 34), (22, -12, 16), HILA[RIGHT], (48, -14, -22)])
    left = strand([(1, -12, 34), (-22, -12, 14), HILA[LEFT], (-52, -16, -18)])
    branches = np.concatenate([right, left])
    points = np.concatenate([windpipe, branches])
    radii = np.where(np.arange(len(points)) < len(windpipe), 8.5, 6.0)
    blend(hu, grid.tubes(points, radii + 1.8), 35.0)
    blend(hu, grid.tubes(points, radii), AIR_HU + 15)
