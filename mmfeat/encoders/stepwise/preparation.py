"""A preparation put together of steps: whatever a published recipe does, in its order."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Self, TypeVar

import numpy as np

from mmfeat.encoders.contract import Windows
from mmfeat.encoders.options import Option, Value
from mmfeat.encoders.stepwise.cutting import Cut, SlidingBoxes, WholeScan
from mmfeat.encoders.stepwise.fitting import Fit, FitStep
from mmfeat.encoders.stepwise.hu_step import HuStep
from mmfeat.encoders.stepwise.intensity import Intensity
from mmfeat.encoders.stepwise.sizes import AnySize
from mmfeat.preprocessing.cropping import Size
from mmfeat.preprocessing.orientation import reorient
from mmfeat.preprocessing.sampler import Sampler
from mmfeat.volumes.volume import Volume

_WHOLE = WholeScan()
_Step = TypeVar("_Step")


@dataclass(frozen=True)
class Stepwise:
    """Orient; do steps in HU; make channels; crop or pad those; cut them into windows.

    Example:
        >>> from mmfeat.encoders.stepwise import CropAbove, Resample
        >>> ct_fm = Stepwise(
        ...     axes="SPL",
        ...     in_hu=(Resample((3.0, 1.0, 1.0)), CropAbove(0.0)),
        ...     channels=(Intensity(clip_hu=(-1024.0, 2048.0), to=(0.0, 1.0)),),
        ...     cut=SlidingBoxes((24, 128, 128), last_window="padded"),
        ... )
        >>> ct_fm.window_size
        (24, 128, 128)
    """

    axes: str
    """Where the axes point to, as in `reorient`."""
    in_hu: tuple[HuStep, ...] = ()
    """Steps while values are Hounsfield units."""
    channels: tuple[Intensity, ...] = (Intensity(),)
    scaled: tuple[FitStep, ...] = ()
    """Steps once they are the values of channels."""
    cut: Cut = _WHOLE

    @property
    def window_size(self) -> tuple[int | None, ...]:
        """Voxels of a window, or pixels of a slice; None along axes that hang on the scan."""
        known: AnySize = (None, None, None)
        for step in (*self.in_hu, *self.scaled):
            known = step.size_after(known)
        return self.cut.size_after(known)

    @property
    def size(self) -> Size | None:
        """See `Preparation.size`; None too where windows are slices."""
        match self.window_size:
            case (int(first), int(second), int(third)):
                return first, second, third
            case _:
                return None

    @property
    def options(self) -> Mapping[str, Option]:
        """None: all is said by the steps."""
        return {}

    def changed(self, options: Mapping[str, Value]) -> Self:
        """See `Preparation.changed`."""
        by = int(options.get("shrink", 1))
        return dataclasses.replace(
            self,
            in_hu=_shrunk(self.in_hu, by),
            scaled=_shrunk(self.scaled, by),
            cut=_shrunk((self.cut,), by)[0],
        )

    def steps(self) -> list[dict[str, Any]]:
        """See `Preparation.steps`."""
        if len(self.channels) == 1:
            intensity: dict[str, Any] = {"intensity": self.channels[0].text()}
        else:
            intensity = {"channels": [channel.text() for channel in self.channels]}
        return [
            {"orient": self.axes},
            *(step.text() for step in self.in_hu),
            intensity,
            *(step.text() for step in self.scaled),
            *self.cut.text(),
        ]

    def prepare(self, volume: Volume, sampler: Sampler) -> Windows:  # noqa: ARG002 - see below
        """See `Preparation.prepare`; always on the CPU, as samplers know no such chain.

        Shape:
            - Output: ``(windows, channels, n_0, n_1, n_2)``, or of slices ``(slices, channels,
              n_1, n_2)``.
        """
        in_hu = reduce(lambda scan, step: step.apply(scan), self.in_hu, reorient(volume, self.axes))
        channels = np.stack([channel.channel(in_hu.hu) for channel in self.channels])
        for step in self.scaled:
            channels, _ = step.fit(channels)
        return self.cut.windows(channels)


def _shrunk(steps: Sequence[_Step], by: int) -> tuple[_Step, ...]:
    """Divide the sizes of windows; for tests."""
    return tuple(_shrunk_step(step, by) for step in steps)


def _shrunk_step(step: _Step, by: int) -> _Step:
    match step:
        case SlidingBoxes():
            first, second, third = (n // by for n in step.size)
            return dataclasses.replace(step, size=(first, second, third))
        case Fit():
            one, two, three = (None if n is None else n // by for n in step.size)
            return dataclasses.replace(step, size=(one, two, three))
        case _:
            return step
