"""MedicalNet's ResNet in plain functions, written from its description, to compare with.

A stem of stride 2, four levels, of which the second halves the resolution and the third and fourth
keep it with kernels dilated by 2 and 4; shortcuts by subsampling and zeros (A) or convolution (B).
"""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

STRIDES = (1, 2, 1, 1)
DILATIONS = (1, 1, 2, 4)


def tencent_features(state: Mapping[str, Tensor], image: Tensor, blocks: tuple[int, ...]) -> Tensor:
    """Return the average over space of the last level."""
    values = functional.conv3d(image, state["conv1.weight"], stride=2, padding=3)
    values = functional.relu(_norm(state, "bn1", values))
    values = functional.max_pool3d(values, kernel_size=3, stride=2, padding=1)
    for level, (count, stride, dilation) in enumerate(zip(blocks, STRIDES, DILATIONS, strict=True)):
        for block in range(count):
            name = f"layer{level + 1}.{block}"
            values = _block(state, name, values, stride if block == 0 else 1, dilation)
    return values.mean(dim=(2, 3, 4))


def _block(state, name: str, values: Tensor, stride: int, dilation: int) -> Tensor:
    wide = {"padding": dilation, "dilation": dilation}
    kernels = [f"{name}.conv{k}" for k in (1, 2, 3) if f"{name}.conv{k}.weight" in state]
    if len(kernels) == 3:  # bottleneck: 1, 3, 1
        settings = [{}, {"stride": stride, **wide}, {}]
    else:
        settings = [{"stride": stride, **wide}, wide]
    result = values
    for k, (kernel, how) in enumerate(zip(kernels, settings, strict=True), start=1):
        result = functional.conv3d(result, state[f"{kernel}.weight"], **how)
        result = _norm(state, f"{name}.bn{k}", result)
        if k < len(kernels):
            result = functional.relu(result)
    return functional.relu(result + _shortcut(state, name, values, result, stride))


def _shortcut(state, name: str, values: Tensor, result: Tensor, stride: int) -> Tensor:
    if f"{name}.downsample.0.weight" in state:
        kernel = state[f"{name}.downsample.0.weight"]
        return _norm(
            state, f"{name}.downsample.1", functional.conv3d(values, kernel, stride=stride)
        )
    skipped = values[:, :, ::stride, ::stride, ::stride]
    missing = result.shape[1] - skipped.shape[1]
    zeros = torch.zeros(len(skipped), missing, *skipped.shape[2:])
    return torch.cat([skipped, zeros], dim=1)


def _norm(state, name: str, values: Tensor) -> Tensor:
    return functional.batch_norm(
        values,
        state[f"{name}.running_mean"],
        state[f"{name}.running_var"],
        state[f"{name}.weight"],
        state[f"{name}.bias"],
    )
