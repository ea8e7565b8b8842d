"""How a network whose code is not ours takes windows, and what of its output is used."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class NetworkInput:
    """Say how a network takes windows."""

    layout: str
    """Its axes, of B, C, D, H and W; ours are BCDHW, or BCHW of slices."""
    argument: str | None = None
    """Name of the argument; None for the first one."""
    dictionary_key: str | None = None
    """Key of a dictionary that wraps it."""
    method: str | None = None
    """What is called instead of the network itself."""
    dtype: Literal["float32", "float16", "bfloat16"] = "float32"
    batch: int | None = None
    """Windows that it takes at once, no more and no fewer; None for any number."""


@dataclass(frozen=True)
class NetworkOutput:
    """Say what of a network's output is the feature of a window."""

    take: tuple[str | int, ...]
    """Keys, attributes or numbers that lead to the tensor."""
    shape: Literal["vector", "tokens", "map"]
    """``(windows, size)``, ``(windows, ..., size)`` or ``(windows, size, ...)``."""
    size: int
    reduce: Literal["mean", "max", "first"] | None = None
    skip: int = 0
    """Tokens at the beginning that are left out."""
