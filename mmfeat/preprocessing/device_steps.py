"""The steps of `sampler.Sampler` on a torch device, number by number as NumPy does them here."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mmfeat.preprocessing.grids import Grid
from mmfeat.preprocessing.in_memory import InMemory
from mmfeat.preprocessing.memory_order import Box, axes_back, slowest_first
from mmfeat.preprocessing.separable import Taps
from mmfeat.volumes.volume import HuArray

_UPLOAD_BYTES = 2**25
"""Copied into page-locked memory and sent off, while the part before is on its way."""
_PART_VOXELS = 2**22
"""In work at a time: at most a quarter of a gigabyte of floats and indices."""


def uploaded(values: HuArray, device: torch.device) -> Tensor:
    """Copy voxels to a device as they are, through page-locked memory for a GPU."""
    kind = torch.int16 if values.dtype == np.int16 else torch.float32
    on_device = torch.empty(values.shape, dtype=kind, device=device)
    step = max(1, _UPLOAD_BYTES // max(1, values[:1].nbytes))
    for start in range(0, len(values), step):
        part = values[start : start + step]
        # torch uses this memory again only once the copy out of it is done.
        locked = torch.empty(part.shape, dtype=kind, pin_memory=device.type == "cuda")
        locked.numpy()[...] = part
        on_device[start : start + step].copy_(locked, non_blocking=True)
    return on_device


def downloaded(values: Tensor) -> NDArray[np.float32]:
    """Wait for the device, and return what it has computed."""
    return np.asarray(values.contiguous().cpu().numpy(), np.float32)


def sampled(hu: HuArray, grid: Grid, device: torch.device) -> Tensor:
    """Return the values at the voxels of a grid, as `sampling.sample` does: ``grid.shape``."""
    laid = InMemory.of(hu, grid)
    values = _straight(laid, device) if laid.is_straight else _tilted(laid, device)
    return values.permute(laid.back)


def scaled(hu: Tensor, window_hu: tuple[float, float]) -> Tensor:
    """Map a window to 0..1 and clip, in place."""
    low, high = window_hu
    return hu.sub_(low).div_(high - low).clamp_(0, 1)


def foreground_box(values: Tensor, above: float) -> Box | None:
    """Return the smallest box that holds every voxel above a value, or None."""
    mask = values > above
    inside = [
        mask.any(dim=others).nonzero().ravel().tolist() for others in ((1, 2), (0, 2), (0, 1))
    ]
    if not inside[0]:
        return None
    first, second, third = (slice(places[0], places[-1] + 1) for places in inside)
    return first, second, third


def block_means(hu: HuArray, factors: Sequence[int], device: torch.device) -> Tensor:
    """Average blocks of ``factors`` voxels; what is left over at the far ends is dropped."""
    order = slowest_first(hu)
    deep, high, wide = (factors[axis] for axis in order)
    depth, height, width = (hu.shape[axis] // factors[axis] for axis in order)
    whole = hu.transpose(order)[: depth * deep, : height * high, : width * wide]
    source = uploaded(whole, device)
    means = torch.empty((depth, height, width), device=device)
    step = max(1, _PART_VOXELS // (deep * whole.shape[1] * whole.shape[2]))
    for start in range(0, depth, step):
        part = source[start * deep : (start + step) * deep].float()
        blocks = part.view(-1, deep, height, high, width, wide)
        means[start : start + step] = blocks.sum(dim=(1, 3, 5)) / (deep * high * wide)
    return means.permute(axes_back(order))


def _straight(laid: InMemory, device: torch.device) -> Tensor:
    """Interpolate axis by axis, as `separable.straight_slices`."""
    (first, slices), (second, rows), (third, columns) = (axis.within() for axis in laid.taps())
    source = uploaded(laid.source[first, second, third], device)
    result = torch.empty(laid.shape, device=device)
    step = max(1, _PART_VOXELS // (source.shape[1] * source.shape[2]))
    for start in range(0, laid.shape[0], step):
        few = slice(start, start + step)
        some = Taps(slices.lower[few], slices.upper[few], slices.weight[few])
        part = _blended(source, some, axis=0)
        result[few] = _blended(_blended(part, rows, axis=1), columns, axis=2)
    return result


def _blended(values: Tensor, taps: Taps, *, axis: int) -> Tensor:
    lower, upper = (
        values.index_select(axis, torch.from_numpy(places).to(values.device)).float()
        for places in (taps.lower, taps.upper)
    )
    along_axis = [-1 if other == axis else 1 for other in range(3)]
    weight = torch.from_numpy(taps.weight).to(values.device).view(along_axis)
    return lower.add_(upper.sub_(lower).mul_(weight))


def _tilted(laid: InMemory, device: torch.device) -> Tensor:
    """Interpolate between eight neighbours, as `tilted.tilted_slices`."""
    box, to_source = _needed(laid)
    source = uploaded(laid.source[box], device)
    strides = (source.shape[1] * source.shape[2], source.shape[2], 1)
    steps = [stride * (n > 1) for stride, n in zip(strides, source.shape, strict=True)]
    depth, height, width = laid.shape
    rows, columns = (torch.arange(n, dtype=torch.float64, device=device) for n in (height, width))
    result = torch.empty(laid.shape, device=device)
    step = max(1, _PART_VOXELS // (height * width))
    for start in range(0, depth, step):
        stop = min(start + step, depth)
        index = torch.arange(start, stop, dtype=torch.float64, device=device)[:, None, None]
        corner = torch.zeros((stop - start, height, width), dtype=torch.int64, device=device)
        weights = []
        for axis, (by_slice, by_row, by_column, offset) in enumerate(to_source[:3].tolist()):
            last = source.shape[axis] - 1
            slant = by_row * rows[:, None] + by_column * columns
            place = (slant + (offset + by_slice * index)).clamp_(0, last)
            lower = place.long().clamp_(max=max(last - 1, 0))
            weights.append(place.sub_(lower).float())
            corner.add_(lower, alpha=strides[axis])
        result[start:stop] = _trilinear(source.ravel(), corner, steps, weights)
    return result


def _needed(laid: InMemory) -> tuple[Box, NDArray[np.float64]]:
    """Return the part of the source that a grid touches, and the grid's matrix for that part."""
    indices = np.meshgrid(*((0.0, n - 1.0) for n in laid.shape), indexing="ij")
    corners = laid.to_source[:3, :3] @ np.reshape(indices, (3, 8)) + laid.to_source[:3, 3:]
    last = np.array(laid.source.shape) - 1
    starts = np.clip(np.floor(corners.min(axis=1)), 0, last).astype(int)
    stops = np.clip(np.floor(corners.max(axis=1)) + 1, 0, last).astype(int) + 1
    first, second, third = (slice(a, b) for a, b in zip(starts, stops, strict=True))
    to_source = laid.to_source.copy()
    to_source[:3, 3] -= starts
    return (first, second, third), to_source


def _trilinear(
    flat: Tensor, corner: Tensor, steps: Sequence[int], weights: Sequence[Tensor]
) -> Tensor:
    if not steps:
        return flat[corner].float()
    lower = _trilinear(flat, corner, steps[1:], weights[1:])
    upper = _trilinear(flat[steps[0] :], corner, steps[1:], weights[1:])
    return lower.add_(upper.sub_(lower).mul_(weights[0]))
