"""From the steps that are written in a recipe file to those that do it."""

from collections.abc import Sequence

from mmfeat.config.recipe_steps import IntensityStep, RecipeStep, ResampleStep
from mmfeat.encoders.preparing.preparation import Range
from mmfeat.encoders.stepwise import (
    ClipHu,
    CropAbove,
    Fit,
    Intensity,
    Multiples,
    Resample,
    ResampleIsotropic,
    Resize,
    Slices,
    SlidingBoxes,
)
from mmfeat.encoders.stepwise.cutting import Cut
from mmfeat.encoders.stepwise.fitting import FitStep
from mmfeat.encoders.stepwise.hu_step import HuStep
from mmfeat.encoders.stepwise.sizes import AnySize
from mmfeat.preprocessing.cropping import Size


def hu_step(step: RecipeStep) -> HuStep | None:
    """Return a step on Hounsfield units; None of one that is none."""
    if step.clip_hu is not None:
        return ClipHu(_range(step.clip_hu))
    if step.resample is not None:
        return _resampling(step.resample)
    if step.crop_above is not None:
        return CropAbove(step.crop_above.hu, step.crop_above.margin_voxels)
    if step.resize is not None:
        return Resize(_any_size(step.resize.voxels), step.resize.interpolation)
    return fit_step(step)


def fit_step(step: RecipeStep) -> FitStep | None:
    """Return a step that may also follow the scaling of densities; None of another one."""
    if step.fit is not None:
        return Fit(_any_size(step.fit.voxels), step.fit.pad)
    if step.multiples is not None:
        of, by = step.multiples.of, step.multiples.by
        numbers = (of, of, of) if isinstance(of, int) else _size(of)
        return Multiples(numbers, by, step.multiples.pad or 0.0)
    return None


def intensity_of(step: IntensityStep) -> Intensity:
    """Return how one channel is made."""
    return Intensity(
        clip_hu=None if step.clip is None else _range(step.clip),
        to=None if step.to is None else _range(step.to),
        subtract=step.subtract,
        divide_by=step.divide_by,
        standardise=step.standardise,
    )


def cut_of(step: RecipeStep) -> Cut | None:
    """Return how channels are cut; None of a step that does not cut."""
    if step.windows is not None:
        windows = step.windows
        return SlidingBoxes(
            _size(windows.voxels),
            overlap=windows.overlap,
            last_window="padded" if windows.last == "padded" else "moved back",
            pad_value=windows.pad,
        )
    return None if step.slices is None else Slices(step.slices.most)


def _resampling(step: ResampleStep) -> HuStep:
    if step.cubes_of_at_least_mm is not None:
        return ResampleIsotropic(step.cubes_of_at_least_mm)
    mm = step.mm if isinstance(step.mm, list) else [step.mm] * 3
    first, second, third = mm
    keeps = step.keeps
    return Resample((first, second, third), "edges" if keeps == "edges" else "first voxel")


def _range(pair: Sequence[float]) -> Range:
    low, high = pair
    return low, high


def _size(voxels: Sequence[int]) -> Size:
    first, second, third = voxels
    return first, second, third


def _any_size(voxels: Sequence[int | None]) -> AnySize:
    first, second, third = voxels
    return first, second, third
