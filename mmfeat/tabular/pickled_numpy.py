"""The few names that a pickle of NumPy arrays is made of, and what is built for each of them.

NumPy itself is not asked: its own functions take far more than honest pickles give them.
"""

import math
import re
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

_NUMBERS = r"f[248]|[iu][1248]|b1"
_TEXTS = r"[US][1-9][0-9]{0,5}"
_DEEPEST = 32
_SHOWN_CHARACTERS = 60

ADMITTED = {
    (module, name): name
    for modules, names in (
        # The first of each two is how NumPy 1 calls it, the second is NumPy 2's name.
        (("numpy",), ("ndarray", "dtype")),
        (("numpy.core.multiarray", "numpy._core.multiarray"), ("_reconstruct", "scalar")),
        (("numpy.core.numeric", "numpy._core.numeric"), ("_frombuffer",)),
    )
    for module in modules
    for name in names
}
"""Every name that a pickle may use, by module and name."""


@dataclass(frozen=True)
class Name:
    """Stand for one of the admitted names; it is no class and cannot be called."""

    text: str


@dataclass
class PickledDtype:
    """Stand for a dtype."""

    code: str
    order: str = "="

    def resolve(self) -> "np.dtype[Any]":
        """Return the dtype of numbers or texts."""
        if not re.fullmatch(f"{_NUMBERS}|{_TEXTS}", self.code):
            raise ValueError(f"arrays of type `{_shown(self.code)}` are not admitted")
        return np.dtype(self.order + self.code)

    def build(self, state: object) -> "PickledDtype":
        """Set the order of bytes; a dtype with fields, shapes or metadata is refused."""
        match state:
            case (3, "<" | ">" | "|" as order, None, None, None, int(), int(), int()):
                self.order = order
                return self
        raise ValueError("a dtype with fields or metadata is not admitted")


@dataclass
class PickledArray:
    """Stand for an array whose content has not come yet."""

    memo_places: list[int] = field(default_factory=list)
    """Where the pickle's memo holds it."""

    def build(self, state: object) -> object:
        """Return the array; of objects, the one object or the list of them."""
        match state:
            case (
                1,
                tuple() as shape,
                PickledDtype() as dtype,
                bool() as by_column,
                bytes() as raw,
            ):
                return _array(raw, dtype, shape, "F" if by_column else "C")
            case (1, tuple() as shape, PickledDtype("O8"), bool(), list() as items):
                if len(shape) > 1 or len(items) != _size(shape):
                    raise ValueError("an array of objects must be one object or a list of them")
                return items if shape else items[0]
        raise ValueError("the state of an array is not as NumPy writes it")


def admitted(module: str, name: str) -> Name:
    """Return the stand-in of a name; ValueError for every name that is not admitted."""
    if (module, name) not in ADMITTED:
        raise ValueError(f"it names `{_shown(module)}.{_shown(name)}`, which is no array")
    return Name(ADMITTED[module, name])


def call(name: object, arguments: object) -> object:
    """Do what an admitted name does with arguments as NumPy writes them; else ValueError."""
    match name, arguments:
        case Name("dtype"), (str() as code, False, True):
            return PickledDtype(code)
        case Name("_reconstruct"), (Name("ndarray"), (0,), b"b"):
            return PickledArray()
        case Name("scalar"), (PickledDtype() as dtype, bytes() as raw):
            return _array(raw, dtype, (), "C")[()]
        case Name("_frombuffer"), (
            bytes() | bytearray() as raw,
            PickledDtype() as dtype,
            tuple() as shape,
            "C" | "F" as order,
        ):
            return _array(raw, dtype, shape, order)
    raise ValueError("it calls something in another way than NumPy does")


def _array(
    raw: bytes | bytearray, dtype: PickledDtype, shape: tuple[Any, ...], order: Literal["C", "F"]
) -> NDArray[Any]:
    resolved = dtype.resolve()
    if len(raw) != _size(shape) * resolved.itemsize:
        raise ValueError(f"an array of shape {shape} has {len(raw)} bytes")
    return np.frombuffer(raw, resolved).reshape(shape, order=order)


def _size(shape: tuple[Any, ...]) -> int:
    if len(shape) > _DEEPEST or not all(type(length) is int and length >= 0 for length in shape):
        raise ValueError("the shape of an array is not one")
    return math.prod(shape)


def _shown(text: str) -> str:
    return ascii(text)[1:-1][:_SHOWN_CHARACTERS]
