"""What is read of a folder, and which folders are refused."""

import pytest

from mmfeat.encoders.texts.sentence_folder import SentenceFolder
from mmfeat.errors import EncoderError

from ..sentence_folders import NETWORKS, write_sentence_folder
from ..slice_folders import change_json


@pytest.fixture
def folder(tmp_path):
    return write_sentence_folder(tmp_path / "model")


def test_a_folder_says_how_long_texts_may_be_and_how_tokens_are_pooled(folder):
    read = SentenceFolder(folder)
    read.check()
    assert (read.most_tokens, read.width, read.lower_case) == (10, 16, False)
    assert (read.pooling.mode, read.pooling.normalised) == ("mean", True)
    assert read.identity["class"] == "transformers BertModel"


def test_a_folder_of_transformers_alone_is_pooled_by_the_mean_and_normalised(tmp_path):
    read = SentenceFolder(write_sentence_folder(tmp_path / "model", modules=None))
    assert (read.pooling.mode, read.pooling.normalised) == ("mean", True)
    assert read.most_tokens == 30  # the tokenizer's


@pytest.mark.parametrize("name", NETWORKS)
def test_no_network_reads_more_tokens_than_it_has_positions(tmp_path, name):
    folder = write_sentence_folder(tmp_path / "model", name, modules=None)
    change_json(folder / "tokenizer_config.json", model_max_length=10**30)
    behind_padding = name in ("mpnet", "roberta", "camembert", "xlm-roberta")
    assert SentenceFolder(folder).most_tokens == (38 if behind_padding else 40)


def test_the_digest_changes_with_each_file_that_counts(folder):
    before = SentenceFolder(folder).sha256
    (folder / "README.md").write_text("read me")
    assert SentenceFolder(folder).sha256 == before
    seen = {before}
    for name in ("1_Pooling/config.json", "tokenizer.json", "sentence_bert_config.json"):
        change_json(folder / name, added=1)
        seen.add(SentenceFolder(folder).sha256)
    assert len(seen) == 4


@pytest.mark.parametrize(
    ("file", "values", "message"),
    [
        ("config.json", {"model_type": "qwen3"}, "`model_type: qwen3`; sentence encoders of bert"),
        ("config.json", {"auto_map": {"AutoModel": "x.Y"}}, "code of its own"),
        ("config.json", {"quantization_config": {}}, "quantised"),
        ("config.json", {"hidden_size": None}, "has no `hidden_size`"),
        ("1_Pooling/config.json", {"pooling_mode_cls_token": True}, "pools by cls and mean"),
        (
            "config_sentence_transformers.json",
            {"default_prompt_name": "query"},
            r"puts a prompt \(`query`\) before every text",
        ),
    ],
)
def test_what_is_not_supported_is_refused_in_one_line(folder, file, values, message):
    if not (folder / file).exists():
        (folder / file).write_text("{}")
    change_json(folder / file, **values)
    with pytest.raises(EncoderError, match=message) as caught:
        SentenceFolder(folder).check()
    assert str(caught.value).startswith(str(folder))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("config.json", "no such file; `model` names a folder with config.json"),
        ("model.safetensors", "a pytorch_model.bin is a pickle and is not read"),
        ("tokenizer.json", "has no tokenizer.json"),
        ("1_Pooling/config.json", "no such file"),
    ],
)
def test_a_missing_file_is_named(folder, file, message):
    (folder / file).unlink()
    with pytest.raises(EncoderError, match=message):
        SentenceFolder(folder).check()


def test_a_torn_file_is_named(folder):
    (folder / "modules.json").write_text("[{")
    with pytest.raises(EncoderError, match=r"modules.json: cannot be read"):
        SentenceFolder(folder).check()


def test_parts_of_weights_are_all_needed(folder):
    (folder / "model.safetensors").rename(folder / "a.safetensors")
    index = folder / "model.safetensors.index.json"
    index.write_text('{"weight_map": {"x": "a.safetensors"}}')
    assert SentenceFolder(folder).weights == (folder / "a.safetensors",)
    for name in ("b.safetensors", "../model/a.safetensors"):
        index.write_text(f'{{"weight_map": {{"x": "a.safetensors", "y": "{name}"}}}}')
        with pytest.raises(EncoderError, match="a part of the weights is not there"):
            _ = SentenceFolder(folder).weights


def test_a_folder_that_says_no_length_is_refused(tmp_path):
    folder = write_sentence_folder(tmp_path / "model", modules=None)
    change_json(folder / "config.json", max_position_embeddings=None)
    (folder / "tokenizer_config.json").unlink()
    with pytest.raises(EncoderError, match="says nowhere how long a text may be"):
        SentenceFolder(folder).check()
