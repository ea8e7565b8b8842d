"""A preparation of any published recipe, put together of steps."""

from mmfeat.encoders.stepwise.cutting import Slices, SlidingBoxes, WholeScan
from mmfeat.encoders.stepwise.densities import ClipHu, CropAbove
from mmfeat.encoders.stepwise.fitting import Fit, Multiples
from mmfeat.encoders.stepwise.intensity import Intensity
from mmfeat.encoders.stepwise.preparation import Stepwise
from mmfeat.encoders.stepwise.resampling import Resample, ResampleIsotropic, Resize

__all__ = [
    "ClipHu",
    "CropAbove",
    "Fit",
    "Intensity",
    "Multiples",
    "Resample",
    "ResampleIsotropic",
    "Resize",
    "Slices",
    "SlidingBoxes",
    "Stepwise",
    "WholeScan",
]
