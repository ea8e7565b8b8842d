"""A recipe file: how a network of the user's own is fed, and what becomes of its output."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from mmfeat.config.base import StrictModel
from mmfeat.config.recipe_steps import RecipeStep

_IN_HU = ("clip_hu", "resample", "crop_above", "resize")
_SCALING = ("intensity", "channels")
_CUTTING = ("windows", "slices")


class InputSettings(StrictModel):
    """How the network takes its input."""

    layout: Literal["BCDHW", "BDCHW", "BDHWC", "BDHW", "BCHW", "BHWC", "BHW"] | None = None
    """Order of the tensor's axes: B windows, C channels, D, H and W the axes of `orient` in their
    order; without C there is one channel. By default BCDHW, and BCHW for slices."""
    argument: str | None = None
    """Name of the argument it is given as; by default it is the first one."""
    dictionary_key: str | None = None
    """The tensor is wrapped in a dictionary under this key."""
    method: str | None = None
    """Of a transformers folder: the method that is called instead of the model itself."""
    dtype: Literal["float32", "float16", "bfloat16"] = "float32"
    """Type of its numbers."""
    batch: PositiveInt | Literal["any"]
    """How many windows it takes at once: `any`, or just as many as it was exported with."""


class OutputSettings(StrictModel):
    """What of the network's output is the feature of a window."""

    take: list[str | int] | str | int = []
    """Way to the tensor where the output is no tensor: keys, attributes or numbers, such as
    `pooler_output`, `-1`, or [features, 0]."""
    shape: Literal["vector", "tokens", "map"]
    """`vector`: (windows, size); `tokens`: (windows, ..., size); `map`: (windows, size, ...)."""
    size: PositiveInt
    """Number of values for each window."""
    reduce: Literal["mean", "max", "first"] | None = None
    """How tokens, or the places of a map, become one: their `mean`, their `max`, or the `first`
    token, which many transformers add for that."""
    skip: NonNegativeInt = 0
    """So many tokens at the beginning, class and register tokens, are left out first."""

    @model_validator(mode="after")
    def _check(self) -> "OutputSettings":
        if self.shape == "vector" and self.reduce is not None:
            raise ValueError("reduce: a `vector` needs none; take it out, or set `shape`")
        if self.shape != "vector" and self.reduce is None:
            raise ValueError(
                f"reduce: say how `{self.shape}` become one vector: mean, max or first"
            )
        if self.shape == "map" and (self.reduce == "first" or self.skip):
            raise ValueError(
                "reduce: the places of a `map` have a mean or a max; skip is for tokens"
            )
        return self


class FactsSettings(StrictModel):
    """What to know before using the model; nothing of it changes a number."""

    body: str
    """The part of the body that it was trained on."""
    n_parameters: PositiveInt | None = None
    """Parameters of the network."""
    code_licence: str
    """Licence of the authors' code."""
    weights_licence: str
    """Licence of the weights."""
    trained_on: list[str] = []
    """Public collections whose scans it has seen."""
    verified: Literal["real weights", "random weights", "description"] = "description"
    """How the recipe was checked: with the real weights, with random ones against the authors'
    code, or by their description alone."""
    where: str = ""
    """Where the weights are."""
    notes: list[str] = []
    """What is a choice, or could not be checked."""


class EncoderRecipeSettings(StrictModel):
    """All that mmfeat has to know of a network whose code it does not have."""

    summary: str
    """What it is, in a line."""
    prepare: Annotated[list[RecipeStep], Field(min_length=2)]
    """From a scan in HU to windows, step by step."""
    input: InputSettings
    """How the network takes them."""
    output: OutputSettings
    """What of its output is used."""
    pool: Literal["mean", "max", "median", "mean+max", "mean+std"] = "mean"
    """How the features of all windows become the vector of a scan."""
    unused_weights: list[str] = []
    """Of a transformers folder: beginnings of the names of tensors that the model does not use,
    such as heads; any other one is an error."""
    facts: FactsSettings
    """What to know of it."""

    @model_validator(mode="after")
    def _check(self) -> "EncoderRecipeSettings":
        names = [step.name for step in self.prepare]
        check_order(names)
        slices = names[-1] == "slices"
        layout = self.input.layout
        if layout is not None and ("D" in layout) == slices:
            cut = "slices have no D" if slices else "it needs D, H and W"
            raise ValueError(f"input.layout: `{layout}` does not fit `prepare`: {cut}")
        channels = next((step.channels for step in self.prepare if step.channels), [])
        if layout is not None and "C" not in layout and len(channels) > 1:
            raise ValueError(f"input.layout: `{layout}` has no C, and there are several channels")
        return self


def check_order(names: Sequence[str]) -> None:
    """Raise ValueError unless steps stand in an order that means something.

    Example:
        >>> check_order(["orient", "resample", "intensity", "fit", "windows"])
    """
    if names[0] != "orient" or names.count("orient") > 1:
        raise ValueError("prepare: must begin with `orient`, and have it once")
    scaling = [number for number, name in enumerate(names) if name in _SCALING]
    if len(scaling) != 1:
        raise ValueError("prepare: needs `intensity`, or `channels`, once")
    late = [name for name in names[scaling[0] :] if name in _IN_HU]
    if late:
        raise ValueError(f"prepare: `{late[0]}` works on HU; put it before `{names[scaling[0]]}`")
    cutting = [name for name in names if name in _CUTTING]
    if len(cutting) > 1 or (cutting and names[-1] != cutting[0]):
        raise ValueError("prepare: `windows` or `slices`, one of them, is the last step")
