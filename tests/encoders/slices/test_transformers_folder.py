"""A folder of transformers is read as data, and what is wrong with it is said in one line."""

import hashlib
import json
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from mmfeat.encoders.slices.transformers_folder import TransformersFolder
from mmfeat.errors import EncoderError

from ..slice_folders import change_json, write_folder


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return write_folder("clip", tmp_path_factory.mktemp("folder") / "clip")


@pytest.fixture
def folder(written, tmp_path):
    """A folder of CLIP that may be changed."""
    copy = tmp_path / "clip"
    copy.mkdir()
    for file in written.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    return copy


def split(folder: Path) -> None:
    """Publish the weights in two parts, as large networks are."""
    whole = folder / "model.safetensors"
    state = load_file(whole)
    names = sorted(state)
    parts = {
        "model-00001-of-00002.safetensors": names[::2],
        "model-00002-of-00002.safetensors": names[1::2],
    }
    for part, keys in parts.items():
        save_file({key: state[key] for key in keys}, folder / part)
    whole.unlink()
    places = {key: part for part, keys in parts.items() for key in keys}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": places}))


def test_of_a_model_with_a_text_tower_the_vision_tower_is_meant(folder):
    read = TransformersFolder(folder)
    assert read.has_text_tower
    assert read.model_type == "clip_vision_model"
    assert read.config["hidden_size"] == 24


def test_the_digest_is_of_settings_preprocessor_and_weights_in_this_order(folder):
    lines = [
        f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n"
        for name in ("config.json", "preprocessor_config.json", "model.safetensors")
    ]
    expected = hashlib.sha256("".join(lines).encode()).hexdigest()
    (folder / "README.md").write_text("not used")
    (folder / "pytorch_model.bin").write_bytes(b"not used beside safetensors")
    assert TransformersFolder(folder).sha256 == expected


@pytest.mark.parametrize("name", ["config.json", "preprocessor_config.json"])
def test_other_settings_give_another_digest(folder, name):
    before = TransformersFolder(folder).sha256
    change_json(folder / name, something=1)
    assert TransformersFolder(folder).sha256 != before


def test_weights_in_parts_are_all_of_them(folder):
    split(folder)
    names = [file.name for file in TransformersFolder(folder).weights]
    assert names == ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]


def test_a_part_that_is_missing_is_named(folder):
    split(folder)
    (folder / "model-00002-of-00002.safetensors").unlink()
    with pytest.raises(EncoderError, match=r"part of the weights is missing: model-00002-of-00002"):
        _ = TransformersFolder(folder).weights


@pytest.mark.parametrize("place", ["../elsewhere.safetensors", "/etc/hostname", 3])
def test_parts_outside_the_folder_are_refused(folder, place):
    split(folder)
    change_json(folder / "model.safetensors.index.json", weight_map={"a": place})
    with pytest.raises(EncoderError, match=r"index\.json: names no files beside it"):
        _ = TransformersFolder(folder).weights


def test_a_folder_without_settings_says_what_it_needs(tmp_path):
    with pytest.raises(EncoderError, match=r"config\.json: no such file; `weights` names a folder"):
        _ = TransformersFolder(tmp_path).kind


def test_a_folder_without_weights_says_which_it_may_have(folder):
    (folder / "model.safetensors").unlink()
    with pytest.raises(
        EncoderError, match=r"no weights; it needs model\.safetensors or pytorch_mo"
    ):
        _ = TransformersFolder(folder).weights


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", r"config\.json: cannot be read \(.*line 1"),
        ("[1]", r"config\.json: holds no settings"),
        ("\x00", r"config\.json: cannot be read"),
        (
            '{"model_type": "bert"}',
            "says `model_type: bert`, and this encoder runs dinov2, .*hub-f",
        ),
        ("{}", "says `model_type: None`"),
        (
            '{"model_type": "tap", "auto_map": {"AutoModel": "modeling_tap.Tap"}}',
            "code of its own .* never runs; use `encoder: hub-folder` with --trust-code",
        ),
        (
            '{"model_type": "dinov2", "quantization_config": {"bits": 4}}',
            "its weights are quantised; give the original ones",
        ),
    ],
)
def test_settings_that_are_none_of_such_a_network_are_one_clear_line(folder, content, message):
    (folder / "config.json").write_text(content)
    with pytest.raises(EncoderError, match=message) as caught:
        _ = TransformersFolder(folder).kind
    assert "\n" not in str(caught.value)


def test_code_for_images_alone_is_no_reason_to_refuse_as_it_is_never_run(folder):
    change_json(folder / "preprocessor_config.json", auto_map={"AutoImageProcessor": "a.B"})
    assert TransformersFolder(folder).model_type == "clip_vision_model"
