"""Split a stack that holds several acquisitions, time points or reconstructions of one region."""

from collections.abc import Sequence

from mmfeat.volumes.dicom_slice import CtSlice
from mmfeat.volumes.dicom_stack import Stack

_TAGS = (
    "AcquisitionNumber",
    "TemporalPositionIdentifier",
    "TriggerTime",
    "NominalPercentageOfCardiacPhase",
    "AcquisitionDateTime",
    "AcquisitionTime",
    "ContentTime",
    "ImageType",
    "ConvolutionKernel",
    "KVP",
    "SliceThickness",
)
"""What may tell the parts apart, the most telling first."""
_ORDERS = ("AcquisitionTime", "ContentTime", "InstanceNumber")
"""What puts slices in the order of their making, so that one pass after another can be taken."""
_MOST_PARTS = 2
"""A tag with more values than twice the slices at one place numbers slices, and not passes."""


def split_phases(stack: Stack) -> list[Stack]:
    """Return parts with one slice at each place, or the stack itself where nothing tells them."""
    return _split(stack, _TAGS) if len(stack.places) > 1 else [stack]


def _split(stack: Stack, tags: Sequence[str]) -> list[Stack]:
    most = max(map(len, stack.places))
    if most == 1:
        return [stack]
    for number, tag in enumerate(tags, start=1):
        parts: dict[str, list[CtSlice]] = {}
        for one in stack.slices:
            parts.setdefault(one.header.information(tag), []).append(one)
        if 1 < len(parts) <= _MOST_PARTS * most:
            return [
                smaller for part in parts.values() for smaller in _split(Stack(part), tags[number:])
            ]
    return _passes(stack, most)


def _passes(stack: Stack, n_passes: int) -> list[Stack]:
    """Cut the order of making into passes over the region; the stack itself if they are none."""
    length = len(stack.slices) // n_passes
    for tag in _ORDERS:
        made = sorted(stack.slices, key=lambda one: _number(one.header.information(tag)))
        passes = [Stack.of(made[at : at + length]) for at in range(0, len(made), length)]
        if len(passes) == n_passes and all(
            len(one.places) == len(one.slices) == length for one in passes
        ):
            return passes
    return [stack]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
