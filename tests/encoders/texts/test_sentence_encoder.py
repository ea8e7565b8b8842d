"""Texts to vectors: the mean worked out by hand, strict loading, and nothing asked of a network."""

import pickle
import socket

import numpy as np
import pytest
import torch

from mmfeat.encoders.texts.sentence_encoder import load_sentence_encoder
from mmfeat.encoders.texts.sentence_folder import SentenceFolder
from mmfeat.errors import EncoderError

from ..sentence_folders import (
    NETWORKS,
    WORDS,
    make_text_network,
    make_tokenizer,
    write_sentence_folder,
)
from ..slice_folders import change_json, rewrite_weights

TEXTS = ("Never smoked", "ex smoker, 30 pack years", "cough for weeks, mother had lung cancer")


@pytest.fixture
def folder(tmp_path):
    return write_sentence_folder(tmp_path / "model")


def embed(folder, texts=TEXTS):
    return list(load_sentence_encoder(SentenceFolder(folder)).embed(texts))


@pytest.mark.parametrize("name", NETWORKS)
def test_a_vector_is_the_mean_of_all_tokens_of_length_one(tmp_path, name):
    folder = write_sentence_folder(tmp_path / "model", name)
    network = make_text_network(name)
    for text, found in zip(TEXTS, embed(folder), strict=True):
        *words, end = make_tokenizer().encode(text).ids
        ids = torch.tensor([[*words[:9], end]])  # a text that is cut ends like any other
        with torch.inference_mode():
            tokens = network(input_ids=ids).last_hidden_state[0].numpy()
        mean = tokens.mean(axis=0)
        np.testing.assert_allclose(found.vector, mean / np.linalg.norm(mean), atol=1e-6)
        assert found.vector.dtype == np.float32


def test_the_first_token_can_stand_for_the_text_as_it_is(tmp_path):
    folder = write_sentence_folder(
        tmp_path / "model",
        modules=("Transformer", "Pooling"),
        pooling={"pooling_mode": "cls"},
    )
    ids = torch.tensor([make_tokenizer().encode(TEXTS[0]).ids])
    with torch.inference_mode():
        first = make_text_network("bert")(input_ids=ids).last_hidden_state[0, 0].numpy()
    np.testing.assert_allclose(embed(folder)[0].vector, first, atol=1e-6)


def test_a_text_has_the_same_bits_whatever_comes_with_it(folder):
    alone = embed(folder, [TEXTS[1]])[0].vector
    np.testing.assert_array_equal(embed(folder)[1].vector, alone)


def test_a_text_that_is_too_long_is_cut_and_says_so(folder):
    long = " ".join(WORDS[4:12])  # eight words and two tokens around them are ten
    whole, cut, same = embed(folder, [long, f"{long} cancer", f"{long} asbestos at work"])
    assert [whole.is_cut, cut.is_cut, same.is_cut] == [False, True, True]
    np.testing.assert_array_equal(cut.vector, same.vector)


def test_lower_case_is_written_where_the_folder_says_so(folder):
    tokenizer = make_tokenizer()
    tokenizer.normalizer = None
    tokenizer.save(str(folder / "tokenizer.json"))
    upper, lower = embed(folder, ["COUGH", "cough"])
    assert np.abs(upper.vector - lower.vector).max() > 1e-3
    change_json(folder / "sentence_bert_config.json", do_lower_case=True)
    upper, lower = embed(folder, ["COUGH", "cough"])
    np.testing.assert_array_equal(upper.vector, lower.vector)


def test_nothing_is_asked_of_a_network(folder, monkeypatch):
    def refuse(*_, **__):
        pytest.fail("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    assert len(embed(folder)) == len(TEXTS)


def test_heads_and_poolers_are_left_out_and_the_prefix_is_taken_off(folder):
    before = embed(folder)[0].vector

    def as_a_masked_model(state):
        for key in list(state):
            state[f"bert.{key}"] = state.pop(key)
        state["cls.predictions.bias"] = torch.zeros(len(WORDS))

    rewrite_weights(folder, as_a_masked_model)
    np.testing.assert_array_equal(embed(folder)[0].vector, before)


def test_a_missing_or_foreign_tensor_is_named(folder):
    key = "encoder.layer.1.output.dense.weight"
    rewrite_weights(folder, lambda state: state.update({"other.weight": state.pop(key)}))
    with pytest.raises(EncoderError, match=f"missing: {key}; unexpected: other.weight"):
        embed(folder)


def test_weights_of_another_shape_are_refused(folder):
    key = "embeddings.word_embeddings.weight"
    rewrite_weights(folder, lambda state: state.update({key: state[key][:5].clone()}))
    with pytest.raises(EncoderError, match=f"of another shape: {key} 5 x 16 instead of 22 x 16"):
        embed(folder)


def test_a_pickle_by_the_name_of_safetensors_is_not_run(folder, tmp_path):
    witness = tmp_path / "witness"

    class Harmful:
        def __reduce__(self):
            return (witness.touch, ())

    (folder / "model.safetensors").write_bytes(pickle.dumps({"a": Harmful()}))
    with pytest.raises(EncoderError, match="torn"):
        embed(folder)
    assert not witness.exists()


def test_a_torn_tokenizer_is_refused(folder):
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(EncoderError, match=r"tokenizer.json: cannot be read"):
        embed(folder)


def test_settings_that_make_no_network_are_refused(folder):
    change_json(folder / "config.json", num_attention_heads=5)
    with pytest.raises(EncoderError, match="makes no BertModel of it"):
        embed(folder)
