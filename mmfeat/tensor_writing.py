"""Write files of tensors; a disk that refuses them raises what it raises for any other file."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import save_file

if TYPE_CHECKING:
    import torch

_NUMBER = re.compile(r"\(os error (\d+)\)")


def save_arrays(arrays: Mapping[str, NDArray[Any]], file: Path) -> None:
    """Write arrays as safetensors.

    Raises:
        OSError: The disk refuses.
    """
    with _as_of_disk(file):
        save_file({name: np.ascontiguousarray(values) for name, values in arrays.items()}, file)


def save_tensors(
    tensors: "Mapping[str, torch.Tensor]", file: Path, *, metadata: dict[str, str]
) -> None:
    """Write copies of tensors, for the format has no place for some that share their memory.

    Raises:
        OSError: The disk refuses.
    """
    from safetensors.torch import save_file as save_torch_file

    copies = {name: values.clone().contiguous() for name, values in tensors.items()}
    with _as_of_disk(file):
        save_torch_file(copies, file, metadata=metadata)


@contextmanager
def _as_of_disk(file: Path) -> Iterator[None]:
    """Raise the OSError that safetensors has seen, and tells only in words."""
    try:
        yield
    except SafetensorError as error:
        told = _NUMBER.search(str(error))
        if told is None:
            raise
        number = int(told[1])
        raise OSError(number, os.strerror(number), str(file)) from error
