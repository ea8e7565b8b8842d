"""Recipe files: what is wrong in one is said in a user's words."""

import pytest

from mmfeat.config.recipe_file import load_recipe_file
from mmfeat.errors import ConfigError

GOOD = """\
summary: a network
prepare:
  - orient: SPL
  - resample: {mm: [3, null, 1]}
  - intensity: {clip: [-1000, 1000], to: [0, 1]}
  - windows: {voxels: [8, 16, 16]}
input: {batch: any}
output: {shape: vector, size: 6}
facts: {body: any, code_licence: MIT, weights_licence: MIT}
"""


@pytest.fixture
def load(tmp_path):
    def load(text):
        (tmp_path / "recipe.yaml").write_text(text)
        return load_recipe_file(tmp_path / "recipe.yaml")

    return load


def test_a_recipe_is_read_with_its_defaults(load):
    recipe = load(GOOD)
    assert [step.name for step in recipe.prepare] == ["orient", "resample", "intensity", "windows"]
    assert recipe.prepare[1].resample.mm == [3, None, 1]
    assert recipe.input.layout is None
    assert recipe.pool == "mean"
    assert recipe.facts.verified == "description"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("summary: a network\n", "", "missing key `summary`: What it is, in a line"),
        ("resample:", "resampel:", r"unknown key `prepare\[1\].resampel`; did you mean `resample`"),
        ("clip:", "clp:", r"unknown key `prepare\[2\].intensity.clp`; did you mean `clip`\?"),
        ("batch: any", "batch: some", "`input.batch` must be .* got `some`"),
        ("batch: any", "batch: 0", "`input.batch` must be above 0 or `any`, got `0`"),
        ("mm: [3, null, 1]", "mm: [3, 1]", r"`prepare\[1\].resample.mm` must be .* got `\[3, 1\]`"),
        ("mm: [3, null, 1]", "mm: -1", r"`prepare\[1\].resample.mm` must be .*above 0.*got `-1`"),
        ("mm: [3, null, 1]", "keeps: edges", r"resample.mm`: give either it or `cubes_of_at"),
        (
            "mm: [3, null, 1]",
            "cubes_of_at_least_mm: 1, keeps: first_voxel",
            "resample.keeps`: cubes keep `edges`",
        ),
        ("SPL", "SPX", r"`prepare\[0\].orient`: `SPX` is not three letters, one each of L or R"),
        ("SPL", "SRL", r"`prepare\[0\].orient`: `SRL` is not three letters"),
        ("  - orient: SPL\n", "", "`prepare`: must begin with `orient`, and have it once"),
        ("  - orient: SPL", "  - {orient: SPL, slices: {}}", "a step has one key, .* found 2"),
        ("  - orient: SPL", "  - {}", "a step has one key, such as `orient`; found 0"),
        ("clip: [-1000, 1000]", "clip: [5, 5]", r"intensity.clip`: 5 is not below 5"),
        ("clip: [-1000, 1000], ", "", r"intensity.to`: needs `clip`, the densities"),
        ("to: [0, 1]", "to: [0, 1], standardise: true", "standardise`: goes with `clip` alone"),
        ("to: [0, 1]", "divide_by: 0", "divide_by`: must not be 0"),
        ("size: 6", "size: 6, reduce: mean", "`output.reduce`: a `vector` needs none"),
        ("shape: vector", "shape: tokens", "`output.reduce`: say how `tokens` become one vector"),
        ("shape: vector", "shape: map, reduce: first", "`output.reduce`: the places of a `map`"),
        ("shape: vector", "shape: voctor", "`output.shape` must be `vector`, `tokens` or `map`"),
        ("batch: any", "batch: any, layout: BCHW", "`input.layout`: `BCHW` does not fit `prepare`"),
        ("windows: {voxels: [8, 16, 16]}", "slices: {}\n  - fit: {voxels: [1, 1, 1], pad: 0}",
         "`prepare`: `windows` or `slices`, one of them, is the last step"),
        ("  - intensity: {clip: [-1000, 1000], to: [0, 1]}\n", "", "needs `intensity`, or `chann"),
        ("  - windows: {voxels: [8, 16, 16]}", "  - crop_above: {hu: 0}",
         "`prepare`: `crop_above` works on HU; put it before `intensity`"),
        ("voxels: [8, 16, 16]", "voxels: [8, 16, 16], overlap: 1", "overlap` must be below 1"),
        ("voxels: [8, 16, 16]", "voxels: [8, 16]", "voxels` must be a list or group with 3 or m"),
        ("windows: {voxels: [8, 16, 16]}", "multiples: {of: 4, by: pad}", "pad`: goes with `by: p"),
        ("windows: {voxels: [8, 16, 16]}", "multiples: {of: 4, by: crop, pad: 1}", "goes with `by"),
        ("weights_licence: MIT", "weigths_licence: MIT", "did you mean `weights_licence`"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(load, old, new, message):
    assert old in GOOD
    with pytest.raises(ConfigError, match=message):
        load(GOOD.replace(old, new))


def test_all_faults_are_told_at_once(load):
    with pytest.raises(ConfigError, match="3 settings are wrong") as error:
        load(GOOD.replace("size: 6", "size: -6").replace("summary", "sumary"))
    assert "`sumary`; did you mean `summary`?" in str(error.value)


def test_several_channels_do_not_fit_a_layout_without_one(load):
    channels = "channels: [{clip: [0, 1]}, {clip: [0, 2]}]"
    text = GOOD.replace("intensity: {clip: [-1000, 1000], to: [0, 1]}", channels)
    assert len(load(text).prepare[2].channels) == 2
    with pytest.raises(ConfigError, match="`BDHW` has no C, and there are several channels"):
        load(text.replace("batch: any", "batch: any, layout: BDHW"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"- a\n- b\n", "must hold summary, prepare, .*; found a list; `mmfeat encoders recipes`"),
        (b"", "found a NoneType"),
        (b"a: [", "line 1: not valid YAML|not valid YAML"),
        (b"\xff\xfe", "no recipe file in YAML and UTF-8"),
    ],
)
def test_a_file_that_is_no_recipe_is_one_clear_line(tmp_path, content, message):
    (tmp_path / "recipe.yaml").write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        load_recipe_file(tmp_path / "recipe.yaml")


def test_a_file_that_is_not_there_is_said_to_be_so(tmp_path):
    with pytest.raises(ConfigError, match=r"no such recipe file; correct `recipe_file`, or take"):
        load_recipe_file(tmp_path / "recipe.yaml")
    with pytest.raises(ConfigError, match="no recipe file in YAML and UTF-8"):
        load_recipe_file(tmp_path)
