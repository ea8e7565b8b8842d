"""Paint the lungs: parenchyma, emphysema, fibrosis, atelectasis and vessels."""

import numpy as np
from numpy.typing import NDArray

from mmfeat.demo.anatomy import LEFT, RIGHT, Anatomy, diaphragm_height, lung_distance
from mmfeat.demo.grid import Field, Grid, Points, blend
from mmfeat.demo.nodules import paint_nodule, place_nodules
from mmfeat.demo.patients import Lesions

VESSEL_HU = 45.0
EMPHYSEMA_HU = -985.0
HILA = {RIGHT: (36.0, -8.0, 0.0), LEFT: (-36.0, -8.0, 6.0)}
_GENERATIONS = 8
_LOBE_DIRECTIONS = (
    (0.5, 0.1, 1.1),
    (0.8, -0.5, 0.7),
    (0.8, 0.7, 0.5),
    (1.0, 0.8, -0.2),
    (1.0, -0.6, 0.0),
    (0.7, 0.5, -0.8),
    (0.7, -0.4, -0.9),
    (0.2, -0.7, -0.9),
)


def paint_lungs(grid: Grid, hu: Field, anatomy: Anatomy, lesions: Lesions) -> None:
    """Replace everything inside the lungs, in place."""
    distance = lung_distance(anatomy, grid.x, grid.y, grid.z)
    lungs = grid.inside(distance)
    tissue = _parenchyma(grid, anatomy, lesions, distance)
    points, radii = vessel_tree(anatomy)
    blend(tissue, grid.tubes(points, radii), VESSEL_HU)
    if lesions.atelectasis:
        blend(tissue, _atelectasis(grid, anatomy), 25.0)
    for nodule in place_nodules(anatomy, lesions):
        paint_nodule(grid, tissue, nodule)
    blend(hu, lungs, tissue)


def _parenchyma(grid: Grid, anatomy: Anatomy, lesions: Lesions, distance: Field) -> Field:
    rng = np.random.default_rng((*anatomy.seed, 1))
    tissue = anatomy.lung_hu - np.float32(0.25) * grid.y + 14 * grid.texture(rng, 9.0)
    # Clusters of holes; the threshold on a smooth random field sets the share that they take.
    holes = grid.texture(np.random.default_rng((*anatomy.seed, 2)), 8.0)
    upper = np.clip(grid.z / 120, -1, 1)
    threshold = 2.4 - 2.5 * lesions.emphysema - 0.35 * upper
    blend(tissue, np.clip((holes - threshold) * 4, 0, 1), EMPHYSEMA_HU)
    # A net of thickened septa under the pleura of the bases.
    strands = np.abs(grid.texture(np.random.default_rng((*anatomy.seed, 3)), 6.0))
    rim = np.clip(1 + (distance + 4) / 14, 0, 1) * np.clip(0.4 - grid.z / 90, 0, 1)
    tissue += 330 * lesions.fibrosis * rim * strands
    return tissue


def _atelectasis(grid: Grid, anatomy: Anatomy) -> Field:
    """Return the share of each voxel in a band of airless lung over one half of the diaphragm."""
    rng = np.random.default_rng((*anatomy.seed, 4))
    side = RIGHT if rng.random() < 0.55 else LEFT
    thick, tilt = rng.uniform(5, 11), rng.uniform(-0.25, 0.25)
    above = grid.z - diaphragm_height(anatomy, grid.x, grid.y) - 10 - tilt * grid.y
    band = np.abs(above) - thick
    return grid.inside(np.maximum(np.maximum(band, grid.y + 5), 25 - side * grid.x))


def vessel_tree(anatomy: Anatomy) -> tuple[Points, NDArray[np.float64]]:
    """Grow arteries and veins from the hila: places along them and the radius at each."""
    rng = np.random.default_rng((*anatomy.seed, 5))
    points, radii = [], []
    for side in (RIGHT, LEFT):
        hilum = np.array(HILA[side])
        directions = np.array(
            [[side * across, along, up] for across, along, up in _LOBE_DIRECTIONS]
        )
        starts = np.repeat(hilum[None], len(directions), axis=0) + rng.normal(
            0, 4, directions.shape
        )
        length, radius = 26.0, 3.4
        for _ in range(_GENERATIONS):
            directions /= np.linalg.norm(directions, axis=1, keepdims=True)
            ends = starts + directions * length * rng.uniform(0.7, 1.2, (len(starts), 1))
            along = np.arange(0, 1, 1.5 / length)[:, None, None]
            points.append((starts + along * (ends - starts)).reshape(-1, 3))
            radii.append(np.full(points[-1].shape[0], radius))
            inside = lung_distance(anatomy, *ends.T) < 3
            parents, starts = directions[inside], ends[inside]
            bend = rng.normal(0, 0.55, (len(starts), 3))
            outwards = 0.25 * (starts - hilum) / 60
            directions = np.concatenate([parents + bend + outwards, parents - bend + outwards])
            starts = np.concatenate([starts, starts])
            length, radius = length * 0.84, radius * 0.78
    return np.concatenate(points), np.concatenate(radii)
