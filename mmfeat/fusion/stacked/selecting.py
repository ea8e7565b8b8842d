"""Some of the heads of whatever is held for all of them."""

from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

from jaxtyping import Int
from torch import Tensor

Bundle = TypeVar("Bundle")


def take_heads(bundle: Bundle, heads: Int[Tensor, " kept"]) -> Bundle:
    """Return a dataclass of tensors, and of such dataclasses, for some of the heads.

    Every tensor in it has the heads as its first axis; what is None stays so.
    """
    taken: dict[str, Any] = {}
    for field in fields(bundle):  # type: ignore[arg-type]  # a bundle is a dataclass
        value = getattr(bundle, field.name)
        if isinstance(value, Tensor):
            taken[field.name] = value[heads]
        else:
            taken[field.name] = take_heads(value, heads) if is_dataclass(value) else value
    return type(bundle)(**taken)
