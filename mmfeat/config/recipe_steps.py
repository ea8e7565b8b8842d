"""The steps of an encoder's preparation, as written in a recipe file."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from mmfeat.config.base import StrictModel

Pair = Annotated[list[float], Field(min_length=2, max_length=2)]
"""A lower and an upper end."""
Three = Annotated[list[PositiveInt], Field(min_length=3, max_length=3)]
"""A number of voxels along each axis."""
ThreeOrOwn = Annotated[list[PositiveInt | None], Field(min_length=3, max_length=3)]
"""A number of voxels along each axis, `null` where it stays as it is."""
Spacing = Annotated[list[PositiveFloat | None], Field(min_length=3, max_length=3)]
"""Millimetres along each axis, `null` where they stay as they are."""


class ResampleStep(StrictModel):
    """Interpolate to a spacing, trilinearly."""

    mm: Spacing | PositiveFloat | None = None
    """Spacing along each axis, `null` for the scan's own; or one number for all three."""
    cubes_of_at_least_mm: PositiveFloat | None = None
    """Instead of `mm`: cubes of the scan's smallest spacing, but not smaller than this."""
    keeps: Literal["first_voxel", "edges"] = "first_voxel"
    """What stays where it is: the centre of the first voxel, as in MONAI's Spacing, or the outer
    edges, as in torch's interpolate. Cubes keep edges."""

    @model_validator(mode="after")
    def _check(self) -> "ResampleStep":
        if (self.mm is None) == (self.cubes_of_at_least_mm is None):
            raise ValueError("mm: give either it or `cubes_of_at_least_mm`")
        if self.mm is None and "keeps" in self.model_fields_set and self.keeps != "edges":
            raise ValueError("keeps: cubes keep `edges`")
        return self


class CropAboveStep(StrictModel):
    """Crop to the box of all that is denser than a limit."""

    hu: float
    """The limit; a voxel of just this density is not above it."""
    margin_voxels: NonNegativeInt = 0
    """Voxels about the box that are kept, too."""


class ResizeStep(StrictModel):
    """Bring the scan to a number of voxels, whatever their spacing becomes."""

    voxels: ThreeOrOwn
    """Voxels along each axis, `null` where they stay as they are."""
    interpolation: Literal["trilinear", "average"] = "trilinear"
    """`trilinear`, as torch's interpolate without aligned corners; or the `average` over what a new
    voxel covers, as its mode `area`."""


class FitStep(StrictModel):
    """Crop or pad about the centre to a number of voxels."""

    voxels: ThreeOrOwn
    """Voxels along each axis, `null` where they stay as they are."""
    pad: float
    """Value of the padding: in HU before the step `intensity` or `channels`, else in its units."""


class MultiplesStep(StrictModel):
    """Crop or pad about the centre to the nearest multiples of numbers of voxels."""

    of: Three | PositiveInt
    """The number along each axis, or one number for all three."""
    by: Literal["crop", "pad"]
    """Whether voxels are taken off or put on."""
    pad: float | None = None
    """Value of the padding, as in `fit`."""

    @model_validator(mode="after")
    def _check(self) -> "MultiplesStep":
        if (self.by == "pad") != (self.pad is not None):
            raise ValueError("pad: goes with `by: pad`, and is needed there")
        return self


class IntensityStep(StrictModel):
    """Make one channel of the Hounsfield units; what is not given is not done."""

    clip: Pair | None = None
    """Densities outside this range become its ends."""
    to: Pair | None = None
    """What the ends of `clip` become, such as [0, 1]."""
    subtract: float = 0.0
    """Taken off after that."""
    divide_by: float = 1.0
    """What the rest is divided by."""
    standardise: bool = False
    """Subtract the mean of the clipped scan and divide by its deviation."""

    @model_validator(mode="after")
    def _check(self) -> "IntensityStep":
        for name in ("clip", "to"):
            pair = getattr(self, name)
            if pair is not None and not pair[0] < pair[1]:
                raise ValueError(f"{name}: {pair[0]:g} is not below {pair[1]:g}")
        if self.to is not None and self.clip is None:
            raise ValueError("to: needs `clip`, the densities that become its ends")
        if self.standardise and self.model_fields_set & {"to", "subtract", "divide_by"}:
            raise ValueError("standardise: goes with `clip` alone; it replaces other scaling")
        if self.divide_by == 0:
            raise ValueError("divide_by: must not be 0")
        return self


class WindowsStep(StrictModel):
    """Cut boxes on a regular grid; the last step, where there is no `slices`."""

    voxels: Three
    """Size of a window."""
    overlap: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Least share that neighbouring windows have in common."""
    last: Literal["moved_back", "padded"] = "moved_back"
    """The last window on an axis is `moved_back` to end where the scan does, as in MONAI's
    sliding_window_inference, or `padded`, as by its SlidingWindowSplitter."""
    pad: float = 0.0
    """Value of the padding."""


class SlicesStep(StrictModel):
    """Give each position on the first axis as an image; the last step."""

    most: PositiveInt | None = None
    """A scan with more slices gives that many, evenly spaced over it."""


class RecipeStep(StrictModel):
    """One step; a key says which."""

    orient: str | None = None
    """Where the three axes point to, such as SPL or RAS: the first step, and needed."""
    clip_hu: Pair | None = None
    """Bring densities outside a range to its ends, before something is interpolated."""
    resample: ResampleStep | None = None
    """Interpolate to a spacing."""
    crop_above: CropAboveStep | None = None
    """Crop to what is dense."""
    resize: ResizeStep | None = None
    """Interpolate to a number of voxels."""
    fit: FitStep | None = None
    """Crop or pad about the centre to a number of voxels."""
    multiples: MultiplesStep | None = None
    """Crop or pad about the centre to multiples of a number of voxels."""
    intensity: IntensityStep | None = None
    """Scale densities to the one channel of the network."""
    channels: Annotated[list[IntensityStep], Field(min_length=1)] | None = None
    """Instead of `intensity`: several channels, each scaled in its own way."""
    windows: WindowsStep | None = None
    """Cut into windows."""
    slices: SlicesStep | None = None
    """Take slices one by one."""

    @property
    def name(self) -> str:
        """The key that is given."""
        return next(iter(self.model_fields_set))

    @model_validator(mode="after")
    def _check(self) -> "RecipeStep":
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1 or self.model_fields_set != set(given):
            raise ValueError(f"a step has one key, such as `orient`; found {len(given)}")
        if self.clip_hu is not None and not self.clip_hu[0] < self.clip_hu[1]:
            raise ValueError(f"clip_hu: {self.clip_hu[0]:g} is not below {self.clip_hu[1]:g}")
        if self.orient is not None and not _is_orientation(self.orient):
            raise ValueError(
                f"orient: `{self.orient}` is not three letters, one each of L or R, A or P, S or I"
            )
        return self


def _is_orientation(axes: str) -> bool:
    return len(axes) == 3 and all(len(set(axes) & set(pair)) == 1 for pair in ("LR", "AP", "IS"))
