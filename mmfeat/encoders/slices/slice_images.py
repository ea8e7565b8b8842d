"""The preparation of 2-D networks: slices of a scan as images, across one or three planes."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mmfeat.encoders.contract import Windows
from mmfeat.encoders.preparing.preparation import Range, box_above
from mmfeat.preprocessing.cropping import padding_box
from mmfeat.preprocessing.grids import centred_grid
from mmfeat.preprocessing.intensity import scale_window
from mmfeat.preprocessing.memory_order import Box
from mmfeat.preprocessing.orientation import reorient
from mmfeat.preprocessing.sampler import Sampler
from mmfeat.preprocessing.sampling import sample
from mmfeat.volumes.volume import Volume

Plane = Literal["axial", "coronal", "sagittal"]
Fit = Literal["whole", "crop", "stretch", "body"]

AXES: Mapping[Plane, str] = {"axial": "SPL", "coronal": "PIL", "sagittal": "LIP"}
"""From slice to slice, down an image, and along its rows: the head is up in coronal and sagittal
images, and the patient's right side on the left of axial and coronal ones."""
AIR_HU = -1024.0
_STANDARDISED_FROM_HU = -1000.0
_BODY_ABOVE_HU = -500.0
_UNVARIED = 1e-6
"""Standard deviation under which an image counts as of one value."""
_FITS: Mapping[Fit, str] = {
    "whole": "longer side whole, air about the shorter one",
    "crop": "shorter side whole, the longer one cropped about its centre",
    "stretch": "both sides whole, each with its own scale",
    "body": f"longer side of the box above {_BODY_ABOVE_HU:g} HU whole, air about the shorter one",
}


@dataclass(frozen=True)
class SliceImages:
    """Cut a scan into slices, each as an image of windows of Hounsfield units.

    With three planes a window holds one slice of each, and all planes have the same number of
    slices: as many as the longest side needs.
    """

    planes: tuple[Plane, ...]
    slice_spacing_mm: float
    max_slices: int
    pixels: int
    fit: Fit
    n_channels: int
    windows_hu: Mapping[str, Range] | None
    """A channel each, or one for all; None: units from -1000 up, standardised in each image by
    itself."""
    mean: tuple[float, ...] = ()
    """Of each channel, in values from 0 to 1."""
    deviation: tuple[float, ...] = ()

    def steps(self) -> list[dict[str, Any]]:
        """See `Preparation.steps`."""
        if self.windows_hu is None:
            values: list[dict[str, Any]] = [
                {"clip_hu_below": _STANDARDISED_FROM_HU, "channels": self.n_channels},
                {"standardise": "each image by its own mean and deviation"},
            ]
        else:
            windows = {name: list(window) for name, window in self.windows_hu.items()}
            values = [
                {"channels_hu": windows, "channels": self.n_channels},
                {"subtract": list(self.mean), "divide_by": list(self.deviation), "of": "0..1"},
            ]
        several = len(self.planes) > 1
        return [
            {"orient": {plane: AXES[plane] for plane in self.planes}},
            {
                "slices_mm": self.slice_spacing_mm,
                "max_slices": self.max_slices,
                "about": "centre",
                **({"each_plane": "as many as the longest side needs"} if several else {}),
            },
            {"pixels": self.pixels, "fit": _FITS[self.fit], "pad_hu": AIR_HU},
            {"interpolation": "blocks averaged, then trilinear"},
            *values,
        ]

    def prepare(self, volume: Volume, sampler: Sampler) -> Windows:
        """Return slices as images: ``(slices, planes * channels, pixels, pixels)``.

        Raises:
            VolumeError: The images show the body's box, and nothing of the scan is in it.
        """
        turned = [reorient(volume, AXES[plane]) for plane in self.planes]
        if self.fit == "body":
            turned = [_cropped(one, box_above(one.hu, _BODY_ABOVE_HU)) for one in turned]
        depths_mm = [one.hu.shape[0] * one.spacing_mm[0] for one in turned]
        longest_mm = max(depths_mm)
        n_slices = _count(longest_mm, max(self.slice_spacing_mm, longest_mm / self.max_slices))
        images = np.full(
            (n_slices, len(turned), self.n_channels, self.pixels, self.pixels), AIR_HU, np.float32
        )
        for place, one in enumerate(turned):
            self._write(one, n_slices, images[:, place], sampler)
        return images.reshape(n_slices, -1, self.pixels, self.pixels)

    def _write(
        self, turned: Volume, n_slices: int, images: NDArray[np.float32], sampler: Sampler
    ) -> None:
        """Write the slices of one plane: ``(slices, channels, pixels, pixels)``."""
        depth_mm, height_mm, width_mm = np.multiply(turned.hu.shape, turned.spacing_mm).tolist()
        slice_mm = depth_mm / n_slices
        if len(self.planes) == 1:  # what is left over lies at both ends
            slice_mm = max(self.slice_spacing_mm, depth_mm / self.max_slices)
        row_mm, column_mm = self._pixel_mm(height_mm, width_mm)
        spacing_mm = (slice_mm, row_mm, column_mm)
        shape = (
            n_slices,
            min(_count(height_mm, row_mm), self.pixels),
            min(_count(width_mm, column_mm), self.pixels),
        )
        averaged = sampler.average_towards(turned, spacing_mm)
        grid = centred_grid(averaged, spacing_mm, shape)
        _, rows, columns = padding_box(shape, (0, self.pixels, self.pixels))
        images[:, :, rows, columns] = sample(averaged, grid).hu[:, None]
        for image in images:
            if self.windows_hu is None:
                _standardise(image)
            else:
                self._scale(image, list(self.windows_hu.values()))

    def _pixel_mm(self, height_mm: float, width_mm: float) -> tuple[float, float]:
        match self.fit:
            case "stretch":
                return height_mm / self.pixels, width_mm / self.pixels
            case "crop":
                side_mm = min(height_mm, width_mm)
            case "whole" | "body":
                side_mm = max(height_mm, width_mm)
        return side_mm / self.pixels, side_mm / self.pixels

    def _scale(self, image: NDArray[np.float32], windows_hu: list[Range]) -> None:
        repeated = windows_hu * self.n_channels if len(windows_hu) == 1 else windows_hu
        for channel, window_hu, mean, deviation in zip(
            image, repeated, self.mean, self.deviation, strict=True
        ):
            scale_window(channel, window_hu, out=channel)
            channel *= 1 / deviation
            channel -= mean / deviation


def _standardise(image: NDArray[np.float32]) -> None:
    np.maximum(image, np.float32(_STANDARDISED_FROM_HU), out=image)
    deviation = float(image[0].std(dtype=np.float64, ddof=1))
    image -= np.float32(image[0].mean(dtype=np.float64))
    image /= np.float32(deviation if deviation >= _UNVARIED else 1.0)


def _cropped(turned: Volume, box: Box) -> Volume:
    affine = turned.affine.copy()
    affine[:3, 3] += turned.affine[:3, :3] @ [side.start for side in box]
    return dataclasses.replace(turned, hu=turned.hu[box], affine=affine)


def _count(length_mm: float, spacing_mm: float) -> int:
    """Return how many voxels fit; rounding must not lose the last one."""
    return max(int(length_mm / spacing_mm + 1e-3), 1)
