"""What a recipe file says, as the parts that do it."""

import dataclasses
from pathlib import Path

import pytest
import yaml

from mmfeat.config.encoder_recipe import EncoderRecipeSettings
from mmfeat.encoders.own.file_recipe import (
    FileRecipe,
    is_shipped_name,
    recipe_path,
    shipped_recipes,
)
from mmfeat.encoders.slices.pooling import POOLINGS
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
    WholeScan,
)
from mmfeat.errors import EncoderError

STEPS = {
    "clip_hu: [-1000, 1900]": ClipHu((-1000.0, 1900.0)),
    "resample: {mm: [3, null, 1]}": Resample((3.0, None, 1.0)),
    "resample: {mm: 1.25, keeps: edges}": Resample((1.25, 1.25, 1.25), "edges"),
    "resample: {cubes_of_at_least_mm: 0.75}": ResampleIsotropic(0.75),
    "crop_above: {hu: -500, margin_voxels: 3}": CropAbove(-500.0, 3),
    "resize: {voxels: [null, 224, 224], interpolation: average}": Resize(
        (None, 224, 224), "average"
    ),
    "fit: {voxels: [null, 8, 8], pad: -1024}": Fit((None, 8, 8), -1024.0),
    "multiples: {of: 14, by: crop}": Multiples((14, 14, 14), "crop"),
    "multiples: {of: [4, 1, 1], by: pad, pad: -3}": Multiples((4, 1, 1), "pad", -3.0),
}


@pytest.fixture
def read(tmp_path):
    def read(*steps, **sections):
        recipe = {
            "summary": "a network",
            "prepare": [yaml.safe_load(step) for step in steps],
            "input": {"batch": "any"},
            "output": {"shape": "vector", "size": 6},
            "facts": {"body": "any", "code_licence": "MIT", "weights_licence": "MIT"},
        } | sections
        (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(recipe))
        return FileRecipe.read(tmp_path / "recipe.yaml")

    return read


@pytest.mark.parametrize("written", STEPS)
def test_each_written_step_is_done_before_densities_are_scaled(read, written):
    preparation = read("orient: RAS", written, "intensity: {}").preparation
    assert preparation.axes == "RAS"
    assert preparation.in_hu == (STEPS[written],)
    assert preparation.scaled == ()
    assert preparation.cut == WholeScan()


@pytest.mark.parametrize("written", [step for step in STEPS if step.startswith(("fit", "mult"))])
def test_some_may_follow_it(read, written):
    preparation = read("orient: RAS", "intensity: {}", written).preparation
    assert preparation.in_hu == ()
    assert preparation.scaled == (STEPS[written],)


def test_steps_are_done_in_their_order(read):
    written = [*STEPS, "intensity: {}"]
    assert read("orient: RAS", *written).preparation.in_hu == tuple(STEPS.values())


def test_channels_are_scaled_as_written(read):
    scaled = read(
        "orient: RAS",
        "channels: [{clip: [0, 80], to: [-1, 1]}, {clip: [-5, 5], subtract: 2, divide_by: 3}, "
        "{standardise: true}]",
    )
    assert scaled.preparation.channels == (
        Intensity((0.0, 80.0), (-1.0, 1.0)),
        Intensity((-5.0, 5.0), subtract=2.0, divide_by=3.0),
        Intensity(standardise=True),
    )


@pytest.mark.parametrize(
    ("written", "cut", "layout"),
    [
        (
            "windows: {voxels: [8, 16, 16], overlap: 0.5, last: padded, pad: 1}",
            SlidingBoxes((8, 16, 16), 0.5, "padded", 1.0),
            "BCDHW",
        ),
        ("windows: {voxels: [8, 16, 16]}", SlidingBoxes((8, 16, 16)), "BCDHW"),
        ("slices: {most: 7}", Slices(7), "BCHW"),
    ],
)
def test_the_last_step_cuts_and_gives_the_usual_layout(read, written, cut, layout):
    recipe = read("orient: RAS", "intensity: {}", written)
    assert recipe.preparation.cut == cut
    assert recipe.given.layout == layout


def test_a_way_to_the_output_may_be_written_in_short(read):
    steps = ("orient: RAS", "intensity: {}")
    for take, way in (("a", ("a",)), (-1, (-1,)), (["a", 0], ("a", 0)), ([], ())):
        output = {"shape": "vector", "size": 6, "take": take}
        assert read(*steps, output=output).used.take == way


def test_poolings_of_settings_are_those_there_are():
    known = EncoderRecipeSettings.model_fields["pool"].annotation.__args__
    assert known == tuple(POOLINGS)


@pytest.mark.parametrize("pool", POOLINGS)
def test_the_pooling_gives_the_size_of_the_vector(read, pool):
    recipe = read("orient: RAS", "intensity: {}", pool=pool)
    assert recipe.embedding_size == 6 * POOLINGS[pool].values_per_feature


@pytest.mark.parametrize(
    ("batch", "voxels", "usual"),
    [("any", [8, 16, 16], 8), ("any", [256, 256, 256], 1), (3, [8, 16, 16], 3)],
)
def test_the_usual_batch_is_that_of_the_export_or_by_the_size_of_windows(
    read, batch, voxels, usual
):
    steps = ("orient: RAS", "intensity: {}", f"windows: {{voxels: {voxels}}}")
    assert read(*steps, input={"batch": batch}).usual_batch == usual


def test_only_what_changes_a_number_is_in_the_recipe(tmp_path, read):
    steps = ("orient: RAS", "intensity: {}")
    one = read(*steps).to_json()
    other_words = {"body": "chest", "code_licence": "-", "weights_licence": "-", "notes": ["x"]}
    assert read(*steps, facts=other_words, summary="z", input={"batch": 4}).to_json() == one
    text = (tmp_path / "recipe.yaml").read_text()
    (tmp_path / "recipe.yaml").write_text(f"# a comment\n{text}\n\n".replace(": any", ":   any"))
    assert FileRecipe.read(tmp_path / "recipe.yaml").to_json() == one


@pytest.mark.parametrize(
    "change",
    [
        {"pool": "max"},
        {"output": {"shape": "vector", "size": 7}},
        {"output": {"shape": "vector", "size": 6, "take": 0}},
        {"output": {"shape": "tokens", "size": 6, "reduce": "max"}},
        {"output": {"shape": "tokens", "size": 6, "reduce": "mean", "skip": 1}},
        {"input": {"batch": "any", "layout": "BDHW"}},
        {"input": {"batch": "any", "dtype": "float16"}},
        {"input": {"batch": "any", "method": "features"}},
    ],
)
def test_whatever_changes_a_number_is(read, change):
    steps = ("orient: RAS", "intensity: {}")
    one = read(*steps).to_json()  # each is read before the file is written over
    assert read(*steps, **change).to_json() != one


@pytest.mark.parametrize("name", shipped_recipes())
def test_a_shipped_recipe_can_be_read_and_says_how_far_it_was_checked(name):
    recipe = FileRecipe.read(Path(name))
    assert recipe.facts.verified == "description"
    assert any("never run" in note for note in recipe.facts.notes)
    assert 10 < len(recipe.settings.summary) < 100
    assert recipe.settings.facts.where
    assert recipe.preparation.steps()[0] == {"orient": recipe.preparation.axes}
    assert dataclasses.asdict(recipe.given)["batch"] in (1, None)


def test_shipped_recipes_are_named_without_a_folder_or_an_ending():
    assert shipped_recipes() == (
        "pillar-0-abdomen",
        "pillar-0-chest",
        "tap-ct",
        "tap-ct-windows",
        "voxelfm",
    )
    assert is_shipped_name(Path("tap-ct"))
    assert not is_shipped_name(Path("tap-ct.yaml"))
    assert not is_shipped_name(Path("recipes/tap-ct"))
    assert recipe_path(Path("mine.yml")) == Path("mine.yml")
    with pytest.raises(EncoderError, match=r"^no recipe is called `tapct`; did you mean `tap-ct`"):
        recipe_path(Path("tapct"))
