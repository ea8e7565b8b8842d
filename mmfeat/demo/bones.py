"""Paint the bones of the chest: spine, ribs, sternum, collar bones and shoulder blades."""

import numpy as np
from numpy.typing import NDArray

from mmfeat.demo.anatomy import LEFT, RIGHT, Anatomy, cage_distance, outline_distance
from mmfeat.demo.grid import Field, Grid, blend, strand

CORTEX_HU, THIN_CORTEX_HU, CARTILAGE_HU, DISC_HU, CORD_HU = 620.0, 420.0, 110.0, 80.0, 25.0
_VERTEBRA_PITCH, _DISC = 25.0, 7.0
_CLOSING_FROM = 60.0
"""Above this height the ribs follow the rib cage as it closes over the lungs."""


def paint_bones(grid: Grid, hu: Field, anatomy: Anatomy) -> None:
    """Replace what is inside the bones, in place."""
    _paint_spine(grid, hu, anatomy)
    _paint_ribs(grid, hu, anatomy)
    _paint_sternum_and_shoulders(grid, hu, anatomy)


def _paint_spine(grid: Grid, hu: Field, anatomy: Anatomy) -> None:
    x, y = grid.x, grid.y - anatomy.spine_y
    body = _oval_distance(x, y, 19.0, 15.5)
    # From the middle of a vertebra, along the spine; half a pitch away is the middle of a disc.
    along = np.abs((grid.z + anatomy.rib_phase) % _VERTEBRA_PITCH - _VERTEBRA_PITCH / 2)
    spongy = anatomy.bone_hu + 25 * grid.texture(np.random.default_rng((*anatomy.seed, 21)), 7.0)
    blend(hu, grid.inside(body), spongy)
    blend(hu, 0.75 * np.clip(1 - np.abs(body + 1.5) / 2.5, 0, 1), CORTEX_HU)
    disc = np.clip((along - (_VERTEBRA_PITCH - _DISC) / 2) / 2 + 0.5, 0, 1)
    blend(hu, grid.inside(body) * disc, DISC_HU)
    blend(hu, grid.inside(_oval_distance(x, y + 25, 15.0, 13.0)), THIN_CORTEX_HU)  # the arch
    blend(hu, grid.inside(_oval_distance(x, y + 24, 9.0, 8.0)), CORD_HU)
    level = np.clip(0.5 + (0.36 * _VERTEBRA_PITCH - along) / 3, 0, 1)
    behind = np.maximum(np.abs(x) - 3.5, np.abs(y + 46) - 13)
    blend(hu, grid.inside(behind) * level, THIN_CORTEX_HU)
    aside = np.maximum(np.abs(y + 27 - 0.25 * np.abs(x)) - 4, np.abs(x) - 33)
    blend(hu, grid.inside(aside) * level * (np.abs(x) > 12), THIN_CORTEX_HU)


def _paint_ribs(grid: Grid, hu: Field, anatomy: Anatomy) -> None:
    wall = np.where(
        grid.z > _CLOSING_FROM,
        cage_distance(anatomy, grid.x, grid.y, grid.z) - 6,
        outline_distance(anatomy, grid.x, grid.y, grid.z, outside=7.0),
    )
    across, along = grid.x / anatomy.half_width, grid.y / anatomy.half_depth
    forward = along / np.sqrt(across**2 + along**2 + np.float32(1e-6))  # -1 spine, 1 sternum
    # Ribs fall from the spine to the side and on to the front; the last part is cartilage.
    height = grid.z + 34 * (forward + 1) - anatomy.rib_phase
    off = np.abs(height % anatomy.rib_pitch - anatomy.rib_pitch / 2)
    away = np.sqrt((1.25 * wall) ** 2 + (0.8 * off) ** 2)
    beside = (np.abs(grid.x) > 16) * np.clip((anatomy.apex + 2 - grid.z) / 6, 0, 1)
    bony = np.clip((0.72 - forward) * 12, 0, 1)
    blend(hu, grid.inside(away - 5.2) * beside * bony, CORTEX_HU)
    blend(hu, grid.inside(away - 2.6) * beside * bony, anatomy.bone_hu + 60)
    reaching = (forward > 0.5) * (grid.z > anatomy.dome_right - 40)  # the sternum
    blend(hu, grid.inside(away - 5.2) * beside * (1 - bony) * reaching, CARTILAGE_HU)


def _paint_sternum_and_shoulders(grid: Grid, hu: Field, anatomy: Anatomy) -> None:
    front = anatomy.half_depth + 6
    blend(hu, grid.ellipsoid((0, front, 25), (19, 6.5, 72)), THIN_CORTEX_HU)
    blend(hu, grid.ellipsoid((0, front, 25), (15, 4.0, 68)), anatomy.bone_hu + 20)
    muscle = outline_distance(anatomy, grid.x, grid.y, grid.z, outside=anatomy.muscle - 3)
    for side in (RIGHT, LEFT):
        collar = strand([(side * 14, 46, 112), (side * 60, 46, 124), (side * 118, 4, 136)])
        blend(hu, grid.tubes(collar, np.full(len(collar), 6.0)), CORTEX_HU - 120)
        middle = (side * 0.78 * anatomy.half_width, -0.86 * anatomy.half_depth - 16, 78.0)
        blade = grid.ellipsoid(middle, (40, 3.6, 58), side * 0.62)
        blend(hu, blade * grid.inside(muscle), CORTEX_HU - 60)


def _oval_distance(x: Field, y: Field, half_x: float, half_y: float) -> NDArray[np.float32]:
    """Return about how far a place is from an oval cylinder along the body, negative inside."""
    scale = np.float32((half_x + half_y) / 2)
    return scale * np.sqrt((x / half_x) ** 2 + (y / half_y) ** 2) - scale
