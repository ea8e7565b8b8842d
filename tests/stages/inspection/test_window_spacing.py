"""Windows are drawn at the scale of the scan, also where the scan was resized to them."""

import numpy as np
import pytest

from mmfeat.encoders import encoder_class
from mmfeat.stages.inspection.window_spacing import window_spacing_mm
from mmfeat.volumes import Volume


@pytest.fixture
def volume():
    """Slices of 5 mm, pixels of 2 and 1 mm; a body of 20 x 30 x 40 voxels within air."""
    lps_scan = np.array([[0.0, 0, -1, 0], [0, -1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1]])
    hu = np.full((30, 50, 60), -1000, np.int16)
    hu[3:23, 10:40, 5:45] = 40
    return Volume(hu, lps_scan @ np.diag([5.0, 2.0, 1.0, 1.0]))


def steps_of(name, **options):
    kind = encoder_class(name)
    chosen = {key: option.default for key, option in kind.options.items()} | options
    prepare = kind.recipe_of(**chosen)["prepare"]
    return {key: value for step in prepare for key, value in step.items()}


@pytest.mark.parametrize(
    ("name", "options", "axes", "spacing_mm"),
    [
        ("ct-fm", {}, "SPL", (3, 1, 1)),
        ("ct-fm", {"recipe": "card"}, "SPL", (5, 2, 1)),
        ("merlin", {}, "RAS", (1.5, 1.5, 3)),
        ("swinunetr-ssl", {}, "RAS", (1, 2, 5)),
        # Its body is 40 mm from left to right, 60 mm to the back and 100 mm high.
        ("astra", {}, "RAS", (40 / 224, 60 / 224, 100 / 160)),
        # All of the scan: 150 mm high, 100 mm to the back, 60 mm to the left.
        ("medicalnet-18", {}, "SPL", (150 / 56, 100 / 448, 60 / 448)),
        # Padded to 64 voxels of 1.5 mm, where the body is smaller.
        ("voco-b", {"region": "head"}, "RAS", (96 / 192, 96 / 192, 100 / 64)),
    ],
)
def test_the_spacing_is_that_of_the_recipe_or_of_what_was_resized(
    volume, name, options, axes, spacing_mm
):
    found = window_spacing_mm(steps_of(name, **options), volume, axes)
    assert found == pytest.approx(spacing_mm)


@pytest.mark.parametrize(
    ("steps", "spacing_mm"),
    [
        ({"resample_where_given_mm": [None, 1.5, 1.5]}, (5, 1.5, 1.5)),
        ({"resample_to_cubes": {"at_least_mm": 0.75}}, (1, 1, 1)),
        ({"resample_to_cubes": {"at_least_mm": 1.25}}, (1.25, 1.25, 1.25)),
        ({"resize_voxels": [None, 50, 30]}, (5, 2, 2)),
        ({"resize_voxels": [30, 25, 60], "crop_to_hu_above": 3000.0}, (5, 4, 1)),  # nothing is
    ],
)
def test_steps_of_a_recipe_file_are_drawn_to_scale_as_well(volume, steps, spacing_mm):
    assert window_spacing_mm(steps, volume, "SPL") == pytest.approx(spacing_mm)
