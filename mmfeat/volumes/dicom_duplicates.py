"""Drop copies: slices that show the same place with the same pixels."""

import hashlib

from mmfeat.volumes.dicom_slice import CtSlice
from mmfeat.volumes.dicom_stack import Stack
from mmfeat.volumes.dicom_stored import read_encoded


def drop_duplicates(stack: Stack) -> Stack:
    """Keep the first of all slices at a place that have the same pixels as stored in their files.

    Only pixels at one place are read. Copies that are compressed in another way are kept.

    Raises:
        VolumeError: Pixels are truncated or damaged.
    """
    kept: list[CtSlice] = []
    for place in stack.places:
        if len(place) == 1:
            kept += place
        else:
            by_content: dict[tuple[object, ...], CtSlice] = {}
            for one in sorted(place, key=lambda one: one.name):
                by_content.setdefault(_content(one), one)
            kept += by_content.values()
    return Stack(kept)


def _content(one: CtSlice) -> tuple[object, ...]:
    """Return what is equal for copies only: the pixels, how they are stored, and where they are."""
    layout = one.layout
    (encoded,) = read_encoded(layout, [one.frame])
    return (
        hashlib.blake2b(encoded).digest(),
        (layout.syntax, layout.bits_allocated, layout.bits_stored, layout.high_bit, layout.signed),
        (one.slope, one.intercept),
        tuple(one.origin_mm.round(2)),
    )
