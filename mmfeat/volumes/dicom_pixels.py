"""Decode the pixels of CT slices to Hounsfield units."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.encaps import get_frame
from pydicom.pixels import pixel_array
from pydicom.uid import UID, RLELossless

from mmfeat.errors import VolumeError
from mmfeat.volumes.dicom_slice import CtSlice
from mmfeat.volumes.jpeg_frame import require_sound_head
from mmfeat.volumes.one_line import one_line


def decode_hu(folder: Path, ordered: Sequence[CtSlice]) -> NDArray[np.float32]:
    """Decode slices and apply each one's own slope and intercept.

    Shape:
        - Output: ``(slices, rows, columns)``, in the given order.

    Raises:
        VolumeError: A file's pixels are truncated, damaged, or compressed in an unknown way.
    """
    hu = np.empty((len(ordered), *ordered[0].size), np.float32)
    for target, one in zip(hu, ordered, strict=True):
        np.multiply(_stored(folder, one), np.float32(one.slope), out=target, casting="unsafe")
        if one.intercept:
            target += np.float32(one.intercept)
    return hu


def _stored(folder: Path, one: CtSlice) -> NDArray[np.generic]:
    """Return the stored values ``(rows, columns)``; signs and unused bits are pydicom's work."""
    try:
        dataset = dcmread(one.file)
        syntax: UID = dataset.file_meta.TransferSyntaxUID
        if syntax.is_encapsulated and syntax != RLELossless:
            require_sound_head(get_frame(dataset.PixelData, 0, number_of_frames=1), size=one.size)
        stored: NDArray[np.generic] = pixel_array(dataset, raw=True)
    except Exception as error:  # pydicom raises whatever it meets in a damaged file
        raise VolumeError(
            f"{folder}: {one.name}: truncated or damaged pixels ({one_line(error)}); copy it again"
        ) from error
    if stored.shape != one.size:
        raise VolumeError(
            f"{folder}: {one.name}: holds {stored.shape} pixels, not one slice of {one.size}"
        )
    return stored
