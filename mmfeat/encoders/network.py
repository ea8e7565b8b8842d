"""Run a frozen network on a device: numpy in, numpy out."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mmfeat.errors import EncoderError, one_line


def resolve_device(name: str) -> torch.device:
    """Return the device of a name; ``auto`` is the first GPU, or else the CPU.

    Raises:
        EncoderError: The device is not there.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        torch.zeros(1, device=name).cpu()
    except (RuntimeError, AssertionError, ImportError) as error:
        # AssertionError: torch was built without CUDA. ImportError: a device of another package.
        raise EncoderError(
            f"device `{name}` cannot be used here ({one_line(error)}); try `auto` or `cpu`"
        ) from error
    return torch.device(name)


class FrozenNetwork:
    """Hold a network for inference only, in float32 on one device."""

    def __init__(self, module: nn.Module, device: str) -> None:
        self._device = resolve_device(device)
        self._module = module.to(self._device).eval().requires_grad_(False)

    def __call__(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the network's output for a batch.

        TF32 is off: with it, features would depend on the GPU far beyond the documented tolerance.
        """
        with (
            torch.inference_mode(),
            torch.backends.cudnn.flags(
                enabled=True, benchmark=False, deterministic=True, allow_tf32=False
            ),
        ):
            return np.asarray(self._module(torch.from_numpy(batch).to(self._device)).cpu().numpy())
