"""From Hounsfield units to the values of a channel, against MONAI."""

import numpy as np
import pytest
import torch
from monai.transforms import NormalizeIntensity, ScaleIntensityRange

from mmfeat.encoders.made_up_scan import made_up_scan
from mmfeat.encoders.stepwise import Intensity
from mmfeat.errors import VolumeError

HU = made_up_scan().hu


@pytest.mark.parametrize("to", [(0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)])
def test_a_range_is_mapped_as_monai_maps_it(to):
    expected = ScaleIntensityRange(-1000, 400, *to, clip=True)(torch.from_numpy(HU))
    made = Intensity(clip_hu=(-1000.0, 400.0), to=to).channel(HU)
    np.testing.assert_allclose(made, expected.numpy(), rtol=1e-5, atol=1e-5 * (to[1] - to[0]))


def test_clipped_and_then_subtracted_and_divided_as_by_tap_ct():
    clipped = ScaleIntensityRange(-1008, 822, -1008, 822, clip=True)(torch.from_numpy(HU))
    expected = NormalizeIntensity(subtrahend=-86.8086, divisor=322.6347)(clipped)
    step = Intensity(clip_hu=(-1008.0, 822.0), subtract=-86.8086, divide_by=322.6347)
    np.testing.assert_allclose(step.channel(HU), expected.numpy(), atol=1e-5)


def test_mapped_first_and_then_subtracted_and_divided():
    step = Intensity((-100.0, 300.0), (0.0, 1.0), subtract=0.289, divide_by=0.198)
    expected = (np.clip((HU + 100) / 400, 0, 1) - 0.289) / 0.198
    np.testing.assert_allclose(step.channel(HU), expected, atol=1e-5)


def test_standardised_by_the_clipped_volume_as_monai_does():
    expected = NormalizeIntensity()(torch.from_numpy(np.clip(HU, -1000, 1000)))
    made = Intensity(clip_hu=(-1000.0, 1000.0), standardise=True).channel(HU)
    np.testing.assert_allclose(made, expected.numpy(), atol=1e-4)
    assert abs(float(made.mean())) < 1e-4


def test_without_anything_values_are_a_copy_of_hu():
    made = Intensity().channel(HU.astype(np.int16))
    np.testing.assert_array_equal(made, HU)
    assert made.dtype == np.float32
    assert not np.shares_memory(Intensity().channel(HU), HU)


def test_the_scan_is_not_changed():
    before = HU.copy()
    Intensity((-100.0, 300.0), subtract=3.0).channel(HU)
    Intensity(subtract=3.0, divide_by=2.0).channel(HU)
    Intensity((-100.0, 300.0), standardise=True).channel(HU)
    np.testing.assert_array_equal(HU, before)


def test_a_scan_that_does_not_vary_cannot_be_standardised():
    with pytest.raises(VolumeError, match=r"^nothing varies in it, and this encoder"):
        Intensity(standardise=True).channel(np.full((3, 3, 3), 40, np.int16))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"to": (0.0, 1.0)}, "to: needs clip_hu"),
        ({"standardise": True, "subtract": 2.0}, "standardise: goes with clip_hu alone"),
        ({"divide_by": 0.0}, "divide_by: must not be 0"),
    ],
)
def test_what_contradicts_itself_is_a_mistake_of_the_programmer(wrong, message):
    with pytest.raises(ValueError, match=message):
        Intensity(**wrong)


def test_each_part_is_in_the_text():
    steps = [
        Intensity(),
        Intensity((-1.0, 1.0)),
        Intensity((-1.0, 1.0), (0.0, 1.0)),
        Intensity((-1.0, 1.0), (0.0, 2.0)),
        Intensity((-1.0, 1.0), (0.0, 1.0), subtract=0.5),
        Intensity((-1.0, 1.0), (0.0, 1.0), divide_by=0.5),
        Intensity((-1.0, 1.0), standardise=True),
    ]
    assert len({str(step.text()) for step in steps}) == len(steps)
