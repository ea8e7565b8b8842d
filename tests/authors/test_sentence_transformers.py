"""Texts are embedded as the authors' package sentence-transformers does."""

import numpy as np
import pytest

from mmfeat.encoders.texts.sentence_encoder import load_sentence_encoder
from mmfeat.encoders.texts.sentence_folder import SentenceFolder

from ..encoders.sentence_folders import NETWORKS, WORDS, write_sentence_folder
from .packages import of_authors

authors = of_authors("sentence_transformers")

pytestmark = pytest.mark.filterwarnings("ignore")
TEXTS = ["Never smoked", "ex smoker, 30 pack years", "cough for weeks", " ".join(WORDS[4:])]


def difference(folder):
    theirs = authors.SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    ours = load_sentence_encoder(SentenceFolder(folder)).embed(TEXTS)
    return np.abs(np.stack([one.vector for one in ours]) - theirs.encode(TEXTS)).max()


@pytest.mark.parametrize("name", NETWORKS)
def test_each_kind_of_network_gives_the_same_vectors(tmp_path, name):
    assert difference(write_sentence_folder(tmp_path / "model", name)) < 1e-6


@pytest.mark.parametrize("mode", ["mean", "cls"])
@pytest.mark.parametrize("modules", [("Transformer", "Pooling"), None])
def test_each_pooling_gives_the_same_vectors(tmp_path, mode, modules):
    if modules is None:
        folder = write_sentence_folder(tmp_path / "old")
        saved = authors.SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        saved[1].pooling_mode = mode
        saved.save(str(tmp_path / "new"))  # in the format of today
        assert difference(tmp_path / "new") < 1e-6
        return
    flag = {f"pooling_mode_{'mean_tokens' if mode == 'mean' else 'cls_token'}": True}
    config = {"word_embedding_dimension": 16, "pooling_mode_mean_tokens": False, **flag}
    folder = write_sentence_folder(tmp_path / "model", modules=modules, pooling=config)
    assert difference(folder) < 1e-6
