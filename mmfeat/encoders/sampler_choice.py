"""Choose who does the heavy steps of preparing: NumPy, or the GPU that the network is on."""

import functools
from typing import Literal

from mmfeat.errors import EncoderError
from mmfeat.preprocessing.sampler import NumpySampler, Sampler

PrepareOn = Literal["auto", "cpu", "gpu"]


@functools.cache
def sampler_for(prepare_on: PrepareOn, device: str) -> Sampler:
    """Return who does them, the same for all encoders on a device, so that its memory is bounded.

    Args:
        prepare_on: ``auto`` is the GPU where the encoder is on one, or else the CPU.
        device: The encoder's device, as in `encoders.create`.

    Raises:
        EncoderError: The device is not there, or the GPU is asked for and the encoder is on none.
    """
    if prepare_on == "cpu" or (prepare_on == "auto" and device == "cpu"):
        return NumpySampler()
    from mmfeat.encoders.networks.network import (
        resolve_device,  # torch only where a GPU may be meant
    )

    resolved = resolve_device(device)
    if resolved.type == "cuda":
        from mmfeat.preprocessing.device_sampler import DeviceSampler

        return DeviceSampler(resolved)
    if prepare_on == "gpu":
        raise EncoderError(
            f"`prepare_on: gpu`, but the encoder is on `{resolved}`; set `device` to a GPU, or "
            "`prepare_on` to auto"
        )
    return NumpySampler()
