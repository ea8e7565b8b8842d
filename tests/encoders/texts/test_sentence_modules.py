"""The modules after the network, as old and new sentence-transformers write them."""

from pathlib import Path

import pytest

from mmfeat.encoders.texts.sentence_modules import Pooling, read_pooling
from mmfeat.errors import EncoderError

FOLDER = Path("/a/model")
OLD = "sentence_transformers.models."
NEW = "sentence_transformers.sentence_transformer.modules.pooling."


def modules(*kinds, path=""):
    return [
        {"type": kind, "path": path if place == 0 else f"{place}_x"}
        for place, kind in enumerate(kinds)
    ]


def read(listed, config):
    return read_pooling(FOLDER, listed, lambda _: config)


@pytest.mark.parametrize(
    ("config", "mode"),
    [
        ({"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False}, "mean"),
        ({"pooling_mode_cls_token": True}, "cls"),
        ({"pooling_mode": "mean", "include_prompt": True}, "mean"),
        ({"pooling_mode": ["cls"]}, "cls"),
    ],
)
def test_poolings_are_read_of_either_format(config, mode):
    listed = modules(f"{OLD}Transformer", f"{NEW}Pooling")
    assert read(listed, config) == Pooling(mode, normalised=False, config="1_x/config.json")


def test_a_third_module_may_normalise():
    listed = modules(f"{OLD}Transformer", f"{OLD}Pooling", f"{OLD}Normalize")
    assert read(listed, {"pooling_mode": "mean"}).normalised


@pytest.mark.parametrize(
    ("config", "found"),
    [
        ({"pooling_mode_max_tokens": True}, "max"),
        ({"pooling_mode": ["mean", "max"]}, "mean and max"),
        ({"pooling_mode": "lasttoken"}, "lasttoken"),
        ({}, "nothing"),
    ],
)
def test_another_pooling_is_refused_by_its_name(config, found):
    with pytest.raises(EncoderError, match=f"pools by {found} .*; mean and cls are supported"):
        read(modules(f"{OLD}Transformer", f"{OLD}Pooling"), config)


@pytest.mark.parametrize(
    ("kinds", "found"),
    [
        (("Transformer", "Pooling", "Dense"), "Transformer, Pooling, Dense"),
        (("StaticEmbedding",), "StaticEmbedding"),
        ((), "nothing"),
    ],
)
def test_other_modules_are_refused_by_their_names(kinds, found):
    with pytest.raises(EncoderError, match=f"is made of {found};"):
        read(modules(*kinds), {"pooling_mode": "mean"})


def test_a_network_in_a_folder_of_its_own_is_refused():
    with pytest.raises(EncoderError, match="its network is in the folder `0_Transformer`"):
        read(modules("Transformer", "Pooling", path="0_Transformer"), {"pooling_mode": "mean"})
