"""The shape of one patient's chest: distances to its outlines in millimetres, negative inside."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Places = NDArray[Any]
"""One coordinate of places, in millimetres; float32 on grids, where the three broadcast."""
RIGHT, LEFT = 1, -1
"""Sides as the sign of x: patient coordinates point to the right."""


@dataclass(frozen=True)
class Anatomy:
    """Hold what makes one patient's chest different from another's; lengths in millimetres."""

    sex: str
    half_width: float
    """Of the rib cage inside, left to right."""
    half_depth: float
    """Of the rib cage inside, front to back."""
    apex: float
    """Height of the top of the lungs above the middle of the chest."""
    fat: float
    """Thickness of the fat under the skin."""
    muscle: float
    """Thickness of the chest wall without fat."""
    dome_right: float
    """Height of the top of the right diaphragm."""
    dome_left: float
    heart: float
    """Size of the heart, 1 on average."""
    rib_pitch: float
    rib_phase: float
    lung_hu: float
    """Attenuation of healthy lung."""
    bone_hu: float
    """Attenuation of the spongy bone of the spine."""
    seed: tuple[int, ...]
    """Seed of the vessels and textures."""

    @property
    def spine_y(self) -> float:
        """Middle of the vertebral bodies, front to back."""
        return -self.half_depth + 10

    @property
    def back_y(self) -> float:
        """Skin of the back in the middle of the chest."""
        return -self.half_depth - self.muscle - self.fat


def draw_anatomy(
    rng: np.random.Generator, *, sex: str, bmi: float, seed: tuple[int, ...]
) -> Anatomy:
    """Draw a chest; sex and body mass index leave their mark, nothing else of the record does."""
    scale = (1.0 if sex == "M" else 0.91) * rng.normal(1, 0.04)
    dome = rng.normal(-78, 8)
    return Anatomy(
        sex=sex,
        half_width=float(132 * scale * rng.normal(1, 0.03)),
        half_depth=float(86 * scale * rng.normal(1, 0.05)),
        apex=float(142 * scale),
        fat=float(np.clip(10 + 2.0 * (bmi - 24) + rng.normal(0, 3), 5, 48)),
        muscle=float(np.clip(rng.normal(24 * scale, 2.5), 17, 32)),
        dome_right=float(dome),
        dome_left=float(dome - rng.uniform(4, 18)),
        heart=float(np.clip(rng.normal(1, 0.07), 0.85, 1.2)),
        rib_pitch=float(26 * scale),
        rib_phase=float(rng.uniform(0, 26)),
        lung_hu=float(rng.normal(-862, 14)),
        bone_hu=float(np.clip(rng.normal(170, 35), 90, 260)),
        seed=seed,
    )


def outline_distance(
    anatomy: Anatomy, x: Places, y: Places, z: Places, *, outside: float
) -> Places:
    """Return about how far a place is from the rib cage grown outwards by ``outside``."""
    grown = outside + 0.30 * outside * _rise(z, 60, anatomy.apex + 40)
    taper = _cage_taper(anatomy, z)
    floor = 0.62 if outside > 0 else 0.0  # shoulders are wide where the lungs end
    shape = np.maximum(taper, floor + 0 * taper)
    a, b = anatomy.half_width * shape + grown, anatomy.half_depth * shape + grown
    a, b = np.maximum(a, 1.0), np.maximum(b, 1.0)
    level = np.abs(x / a) ** 2.4 + np.abs(y / b) ** 2.4
    return (level - 1) * (b / 2.4)  # exact at the outline, and cheap


def cage_distance(anatomy: Anatomy, x: Places, y: Places, z: Places) -> Places:
    """Return about how far a place is from the inside of the rib cage, which closes at the apex."""
    taper = np.maximum(_cage_taper(anatomy, z), 0.02)
    a, b = anatomy.half_width * taper, anatomy.half_depth * taper
    level = np.abs(x / a) ** 2.4 + np.abs(y / b) ** 2.4
    return (level - 1) * (b / 2.4)  # exact at the outline, and cheap


def diaphragm_height(anatomy: Anatomy, x: Places, y: Places) -> Places:
    """Return the height of the diaphragm over a place of the body's cross-section."""

    def dome(side: int, top: float) -> Places:
        across = (x - side * 0.52 * anatomy.half_width) / (0.72 * anatomy.half_width)
        along = (y - 0.18 * anatomy.half_depth) / (0.95 * anatomy.half_depth)
        return top - 42 * (across**2 + along**2)

    return np.maximum(dome(RIGHT, anatomy.dome_right), dome(LEFT, anatomy.dome_left))


def mediastinum_distance(anatomy: Anatomy, x: Places, y: Places, z: Places) -> Places:
    """Return about how far a place is from what lies between the lungs: column, heart and spine."""
    narrow = 1 - 0.35 * _rise(y, 0, 70)
    column = np.abs(x + 2) - (30 - 8 * _rise(z, 60, 130)) * narrow
    size = anatomy.heart
    heart = (
        np.sqrt(
            ((x + 24) / (62 * size)) ** 2 + ((y - 20) / (54 * size)) ** 2 + ((z + 52) / 66) ** 2
        )
        - 1
    ) * 55
    spine = np.sqrt((x / 27) ** 2 + ((y - anatomy.spine_y) / 24) ** 2) * 24 - 24
    nearest: Places = np.minimum(np.minimum(column, heart), spine)
    return nearest


def lung_distance(anatomy: Anatomy, x: Places, y: Places, z: Places) -> Places:
    """Return about how far a place is from the lungs."""
    lobes = np.maximum(
        cage_distance(anatomy, x, y, z) + 2, 2 - mediastinum_distance(anatomy, x, y, z)
    )
    nearest: Places = np.maximum(lobes, 0.8 * (diaphragm_height(anatomy, x, y) - z))
    return nearest


def _cage_taper(anatomy: Anatomy, z: Places) -> Places:
    start = 10.0
    height = np.clip((z - start) / (anatomy.apex - start), 0, 1)
    return np.sqrt(1 - height**2.2) * (1 - 0.04 * np.clip(z / -120, -1, 1))


def _rise(value: Places, low: float, high: float) -> Places:
    share = np.clip((value - low) / (high - low), 0, 1)
    return share * share * (3 - 2 * share)
