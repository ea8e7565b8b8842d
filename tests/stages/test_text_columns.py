"""Free text on its way into features: each text once, kept, and never by another encoder."""

import logging
import sys

import numpy as np
import pandas as pd
import pytest
import yaml

from mmfeat.config.loading import load_project
from mmfeat.encoders.texts import packaged_minilm
from mmfeat.errors import CacheError, EncoderError
from mmfeat.stages.check import check_project
from mmfeat.stages.cohort import open_cohort, table_records
from mmfeat.stages.features import fit_features, open_features
from mmfeat.stages.text_columns import embed_text_columns

from ..encoders.sentence_folders import write_sentence_folder

TEXTS = ["never smoked", "ex smoker, 30 pack years", "", "never  smoked", "cough for weeks"] * 4
LONG = "never smoked, mother had lung cancer, cough for weeks, asbestos at work"


@pytest.fixture
def make(tmp_path):
    """Write a cohort with a column of text, and return its project."""
    write_sentence_folder(tmp_path / "model")

    def project(texts=TEXTS, **column):
        n_cases = len(texts)
        pd.DataFrame(
            {
                "case_id": [f"case-{n}" for n in range(n_cases)],
                "patient_id": [f"patient-{n}" for n in range(n_cases)],
                "cancer": [n % 2 for n in range(n_cases)],
                "age": [50 + n for n in range(n_cases)],
                "note": texts,
            }
        ).to_csv(tmp_path / "manifest.csv", index=False)
        note = {"type": "text", "model": "model", **column}
        settings = {
            "cohort": {
                "manifest": "manifest.csv",
                "targets": {"cancer": {"kind": "binary", "column": "cancer"}},
                "split": {"folds": 2},
            },
            "modalities": {
                "clinical": {"kind": "table", "columns": {"age": {"type": "numeric"}, "note": note}}
            },
        }
        (tmp_path / "mmfeat.yaml").write_text(yaml.safe_dump(settings, sort_keys=False))
        return load_project(tmp_path / "mmfeat.yaml")

    return project


def vectors(project):
    column = open_features(project, open_cohort(project)).records["clinical"].columns["note"]
    return column.vectors.values


def test_the_same_text_has_the_same_vector_and_an_unknown_one_none(make):
    project = make()
    found = vectors(project)
    assert found.shape == (20, 16)
    np.testing.assert_array_equal(found[0], found[3])  # but for the spaces
    np.testing.assert_array_equal(found[5:10], found[:5])
    assert not found[2].any()
    np.testing.assert_allclose(np.linalg.norm(found[[0, 1, 4]], axis=1), 1, atol=1e-6)
    table = open_features(project, open_cohort(project))
    encoded = fit_features(project, table, range(20)).transform(table)["clinical"]
    assert encoded.shape == (20, 4)  # age and one component, and whether each is missing


def test_a_second_run_loads_no_encoder(make, caplog, monkeypatch):
    project = make()
    with caplog.at_level(logging.INFO):
        first = vectors(project)
    assert "embedding 3 texts of `clinical`" in caplog.text
    monkeypatch.setitem(sys.modules, "mmfeat.encoders.texts.sentence_encoder", None)
    np.testing.assert_array_equal(vectors(project), first)
    with pytest.raises(ImportError, match="sentence_encoder"):
        vectors(make([*TEXTS, "a new text"]))


def test_only_new_texts_are_embedded_and_no_text_is_stored(make, caplog, tmp_path):
    first = vectors(make())
    caplog.clear()
    with caplog.at_level(logging.INFO):
        again = vectors(make([*TEXTS, "asbestos at work"]))
    assert "embedding 1 texts of `clinical`" in caplog.text
    np.testing.assert_array_equal(again[:20], first)
    stored = b"".join(file.read_bytes() for file in (tmp_path / "cache").rglob("*.*"))
    assert b"asbestos" not in stored


def test_another_encoder_never_meets_the_vectors_of_the_first(make, tmp_path):
    first = open_features(make(), open_cohort(make()))
    write_sentence_folder(tmp_path / "other", seed=1)
    project = make(model="other")
    second = open_features(project, open_cohort(project))
    assert first.fingerprints != second.fingerprints
    assert np.abs(vectors(project) - first.records["clinical"].columns["note"].vectors.values).max()
    assert len(list((tmp_path / "cache" / "clinical").iterdir())) == 2


def test_a_folder_that_has_moved_is_the_same_encoder(make, tmp_path):
    first = open_features(make(), open_cohort(make()))
    (tmp_path / "model").rename(tmp_path / "elsewhere")
    project = make(model="elsewhere")
    assert open_features(project, open_cohort(project)).fingerprints == first.fingerprints


def test_a_damaged_cache_is_never_read_as_good(make, tmp_path):
    vectors(make())
    (shard,) = (tmp_path / "cache").rglob("shard-*.h5")
    content = shard.read_bytes()
    shard.write_bytes(content[: len(content) // 2])
    with pytest.raises(CacheError, match=shard.name):
        vectors(make())


def test_texts_that_are_cut_are_told(make):
    project = make([LONG, *TEXTS[1:], LONG])
    notes = open_features(project, open_cohort(project)).notes
    assert notes == (
        "`clinical`: 2 of 17 texts of `note` are longer than the 10 tokens that are read of one; "
        "their ends do not count",
    )


def test_a_column_without_any_text_is_unknown_everywhere(make, tmp_path):
    project = make([""] * 20)
    assert vectors(project).shape == (20, 16)
    assert not (tmp_path / "cache").exists()


def test_records_without_text_are_left_as_they_are(make):
    project = make()
    modality = project.settings.modalities["clinical"]
    bare = modality.model_copy(update={"columns": {"age": modality.columns["age"]}})
    records = table_records(project, open_cohort(project))["clinical"]
    found = embed_text_columns(project, "clinical", bare, records)
    assert (found.models, found.notes) == ({}, ())
    assert found.records.columns == records.columns


def test_check_says_what_is_wrong_with_an_encoder_and_loads_none(make, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "mmfeat.encoders.texts.sentence_encoder", None)
    check_project(make())
    with pytest.raises(EncoderError, match=r"^`modalities.clinical.columns.note`: .*no such file"):
        check_project(make(model="nowhere"))
    monkeypatch.setattr(packaged_minilm, "PACKAGE", "mmfeat_has_no_such_package")
    with pytest.raises(EncoderError, match=r'columns.note`: .*pip install "mmfeat\[text\]"'):
        check_project(make(model=None))
