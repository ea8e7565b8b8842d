"""The made-up scanners: what each makes of the same chest."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mmfeat.demo.anatomy import Anatomy
from mmfeat.demo.grid import Field, Grid

PADDING_HU = -1024
"""Value outside the circle that a scanner reconstructs, and the smallest that is stored."""


@dataclass(frozen=True)
class Scanner:
    """Describe one scanner model; its maker and name are invented."""

    manufacturer: str
    kernels: tuple[str, ...]
    """Names of the reconstruction kernels in use, of the keys of ``KERNELS``."""
    noise_hu: float
    """Deviation of the noise at a common dose, before the kernel."""
    round_field: bool
    """Whether voxels outside the reconstructed circle are padded."""


KERNELS = {"soft": -0.55, "standard": 0.0, "lung": 0.6}
"""Sharpness: below 0 a blur by that many pixels, above 0 the share of fine detail that is added."""
SCANNERS = {
    "Orion 64": Scanner("Made-up Imaging A", ("soft", "standard"), 14.0, round_field=False),
    "Orion 128": Scanner("Made-up Imaging A", ("standard", "lung"), 10.0, round_field=False),
    "Vela S": Scanner("Made-up Imaging B", ("soft", "lung"), 12.0, round_field=True),
    "Lyra": Scanner("Made-up Imaging C", ("standard",), 17.0, round_field=True),
}
SITES = {
    "north": ("Orion 64", "Orion 128"),
    "south": ("Orion 128",),
    "east": ("Vela S",),
    "west": ("Lyra", "Vela S"),
}
SITE_SHARES = (0.35, 0.30, 0.20, 0.15)


@dataclass(frozen=True)
class Acquisition:
    """Say how one scan was taken."""

    scanner: str
    kernel: str
    noise_hu: float
    shape: tuple[int, int, int]
    """Slices, rows and columns."""
    spacing_mm: tuple[float, float, float]
    """Between slices, rows and columns."""
    centre_mm: tuple[float, float, float]
    """Middle of the scan in patient coordinates, in the order depth, height, width."""

    @property
    def grid(self) -> Grid:
        """The voxels of the scan in patient coordinates."""
        return Grid.regular(self.shape, self.spacing_mm, self.centre_mm)


def draw_acquisition(
    rng: np.random.Generator, anatomy: Anatomy, *, scanner: str, size: int
) -> Acquisition:
    """Draw field of view, slice thickness, kernel and dose; ``size`` is the number of rows."""
    model = SCANNERS[scanner]
    body = 2 * (anatomy.half_width + anatomy.muscle + anatomy.fat)
    field_mm = float(np.clip(body + rng.normal(2, 16), 290, 430))
    pixel = field_mm / size
    slice_mm = round(pixel * float(rng.choice((1.05, 1.2, 1.35, 1.5))), 2)
    top = anatomy.apex + rng.uniform(12, 26)
    bottom = anatomy.dome_left - rng.uniform(62, 84)
    slices = int(np.ceil((top - bottom) / slice_mm))
    return Acquisition(
        scanner=scanner,
        kernel=str(rng.choice(model.kernels)),
        noise_hu=float(model.noise_hu * np.exp(rng.normal(0, 0.2))),
        shape=(slices, size, size),
        spacing_mm=(slice_mm, pixel, pixel),
        centre_mm=((top + bottom) / 2, float(rng.normal(-4, 5)), float(rng.normal(0, 4))),
    )


def scan(rng: np.random.Generator, chest: Field, acquisition: Acquisition) -> NDArray[np.int16]:
    """Turn true attenuation into what the scanner stores: ``(depth, height, width)``, int16 HU."""
    model, sharpness = SCANNERS[acquisition.scanner], KERNELS[acquisition.kernel]
    noise = rng.standard_normal(chest.shape, dtype=np.float32)
    noise *= acquisition.noise_hu * (0.25 + 0.75 * np.clip((chest + 1000) / 1000, 0, 1))
    image = _with_kernel(chest + noise, sharpness)
    stored = np.clip(np.rint(image), PADDING_HU, 3071).astype(np.int16)
    if model.round_field:
        rows, columns = (np.arange(size) - (size - 1) / 2 for size in chest.shape[1:])
        outside = np.hypot(rows[:, None], columns[None, :]) > chest.shape[2] / 2
        stored[:, outside] = PADDING_HU
    return stored


def _with_kernel(image: Field, sharpness: float) -> Field:
    """Blur or sharpen within slices, noise and edges alike."""
    if sharpness == 0:
        return image
    in_plane = (0.0, 0.8, 0.8) if sharpness > 0 else (0.0, -sharpness, -sharpness)
    smooth: Field = ndimage.gaussian_filter(image, in_plane, truncate=3.0)
    return image + sharpness * (image - smooth) if sharpness > 0 else smooth
