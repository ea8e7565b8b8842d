"""What an encoder sees is said in words made of its recipe."""

import pytest

from mmfeat.encoders import encoder_class
from mmfeat.encoders.preparing.input_words import input_in_words


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("ct-fm", {}, "windows of 24 x 128 x 128 at 3 x 1 x 1 mm, -1024 to 2048 HU"),
        ("ct-fm", {"recipe": "card"}, "the whole scan at its own spacing, -1024 to 2048 HU"),
        ("merlin", {}, "the central 224 x 224 x 160 at 1.5 x 1.5 x 3 mm, -1000 to 1000 HU"),
        ("astra", {}, "the whole scan resized to 224 x 224 x 160, -1000 to 200 HU"),
        ("vista3d", {}, "windows of 128 x 128 x 128 at 1.5 mm, -964 to 1054 HU"),
        ("swinunetr-ssl", {}, "windows of 96 x 96 x 96 at its own spacing, -1000 to 1000 HU"),
        (
            "voco-b",
            {"region": "head"},
            "the whole scan resized to 192 x 192 x 64, in windows of 64 x 64 x 64, -175 to 250 HU",
        ),
        ("medicalnet-18", {}, "the whole scan resized to 56 x 448 x 448, standardised"),
        ("fmcib", {}, "50 x 50 x 50 about a point at 1 mm, -1024 to 2048 HU"),
        ("slices-lite0", {}, "slices of 224 x 224 every 5 mm, 3 windows of densities as channels"),
        ("intensity-stats", {}, "statistics of the whole scan at 3 mm"),
    ],
)
def test_the_words_are_those_of_the_recipe(name, options, words):
    kind = encoder_class(name)
    chosen = {key: option.default for key, option in kind.options.items()} | options
    assert input_in_words(kind.recipe_of(**chosen)["prepare"]) == words


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([{"orient": "SPL"}], "the whole scan at its own spacing"),
        (
            [{"resample_to_cubes": {"of": "the smallest", "at_least_mm": 0.75}}],
            "the whole scan in cubes of at least 0.75 mm",
        ),
        (
            [{"resample_where_given_mm": [None, 1.0, 1.0]}, {"clip_hu": [-1000, 1900]}],
            "the whole scan at own x 1 x 1 mm, -1000 to 1900 HU",
        ),
        (
            [{"fit_about_centre": [None, 256, 256]}, {"channels": [{}, {}]}],
            "the central any x 256 x 256 at its own spacing, 2 windows of densities as channels",
        ),
        (
            [{"slices": "along the first axis"}, {"resample_mm": [5, 1, 1]}],
            "slices at 5 x 1 x 1 mm",
        ),
        (
            [{"slices_mm": 5.0}, {"pixels": "as the network's own files say"}],
            "slices every 5 mm",
        ),
        (
            [{"multiples_of_voxels": [14, 14, 14]}],
            "the whole scan in multiples of 14 x 14 x 14 at its own spacing",
        ),
    ],
)
def test_steps_of_a_recipe_file_are_said_alike(steps, words):
    assert input_in_words(steps) == words
