from dataclasses import replace

import numpy as np
import pytest

from mmfeat.errors import Interrupted, RecordError
from mmfeat.record_encoders import RECORD_ENCODERS, get_record_encoder
from mmfeat.record_encoders.contract import (
    FittedRecordEncoder,
    RecordEncoderKind,
    RecordFitOptions,
)

from .small_records import NETWORKS, inputs_of, shortly_trained, small_records, task_of

N_CASES, N_TRAIN, N_VAL = 60, 32, 10
OPTIONS = RecordFitOptions()


def _labels(seed=1):
    return np.random.default_rng(seed).integers(0, 2, (N_CASES, 1)).astype(float)


def _fit(name, inputs, task):
    return shortly_trained(name).fit(inputs, task, options=OPTIONS, should_stop=lambda: False)


def _bytes(folder):
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def inputs():
    return inputs_of(small_records(N_CASES), np.arange(N_TRAIN))


@pytest.fixture(scope="module")
def task():
    return task_of(_labels(), n_train=N_TRAIN, n_val=N_VAL, n_patients=3)


@pytest.fixture(scope="module", params=NETWORKS)
def encoded(request, inputs, task):
    return request.param, _fit(request.param, inputs, task)


@pytest.mark.parametrize("name", RECORD_ENCODERS)
def test_every_entry_of_the_table_is_an_encoder_of_its_name(name):
    kind = get_record_encoder(name)
    assert isinstance(kind, RecordEncoderKind)
    assert kind.name == name
    assert "\n" not in kind.summary


def test_vectors_are_finite_and_zero_where_there_is_no_record(encoded, inputs):
    name, result = encoded
    assert isinstance(result.encoder, FittedRecordEncoder)
    vectors = result.encoder.embed(inputs)
    assert vectors.shape == (N_CASES, result.encoder.width)
    assert vectors.dtype == np.float32
    assert np.isfinite(vectors).all()
    assert not vectors[-1].any(), name
    assert vectors[:-1].any(axis=1).all()


def test_own_vectors_are_of_the_training_and_validation_part(encoded):
    _, result = encoded
    assert result.rows.tolist() == list(range(N_TRAIN + N_VAL))
    assert result.vectors.shape == (N_TRAIN + N_VAL, result.encoder.width)
    assert np.isfinite(result.vectors).all()


def test_a_vector_hangs_on_its_own_record_alone(encoded, inputs):
    _, result = encoded
    some = np.array([50, 3, 44])
    alone = result.encoder.embed(inputs.taken(some))
    np.testing.assert_allclose(alone, result.encoder.embed(inputs)[some], atol=1e-5)


def test_a_saved_encoder_comes_back_exactly(encoded, inputs, tmp_path):
    name, result = encoded
    result.encoder.save(tmp_path)
    assert set(_bytes(tmp_path)) == {"encoder.json", "encoder.safetensors"}
    loaded = get_record_encoder(name).load(tmp_path, OPTIONS)
    np.testing.assert_array_equal(loaded.embed(inputs), result.encoder.embed(inputs))


def test_the_same_records_give_the_same_bytes_whatever_the_test_rows_say(encoded, inputs, tmp_path):
    name, result = encoded
    result.encoder.save(tmp_path / "first")
    records = small_records(N_CASES)
    test = np.arange(N_TRAIN + N_VAL, N_CASES)
    for column in records.columns.values():
        column.values[test] = None if column.values.dtype == object else 99.0
    labels = _labels()
    labels[test] = 1 - labels[test]
    changed = inputs_of(records, np.arange(N_TRAIN))
    again = _fit(name, changed, task_of(labels, n_train=N_TRAIN, n_val=N_VAL, n_patients=3))
    again.encoder.save(tmp_path / "second")
    assert _bytes(tmp_path / "first") == _bytes(tmp_path / "second")
    np.testing.assert_array_equal(again.vectors, result.vectors)


@pytest.mark.parametrize(
    ("kind", "columns", "n_outputs"), [("multiclass", 1, 3), ("multilabel", 2, 2)]
)
def test_classes_and_several_labels_can_be_learnt(kind, columns, n_outputs, inputs):
    random = np.random.default_rng(2)
    top = 3 if kind == "multiclass" else 2
    labels = random.integers(0, top, (N_CASES, columns)).astype(float)
    labels[5] = np.nan
    task = task_of(
        labels, n_train=N_TRAIN, n_val=N_VAL, n_patients=3, kind=kind, n_outputs=n_outputs
    )
    assert np.isfinite(_fit("plr", inputs, task).vectors).all()


def test_labels_of_one_class_are_refused(inputs):
    task = task_of(np.ones((N_CASES, 1)), n_train=N_TRAIN, n_val=N_VAL, n_patients=3)
    with pytest.raises(RecordError, match="42 labelled records and at most one class"):
        _fit("plr", inputs, task)


def test_records_of_one_patient_are_refused(inputs, task):
    with pytest.raises(RecordError, match="of one patient"):
        _fit("plr", inputs, replace(task, patient_ids=("p",) * N_CASES))


def test_a_signal_stops_the_training(inputs, task):
    with pytest.raises(Interrupted, match="lost"):
        shortly_trained("plr").fit(inputs, task, options=OPTIONS, should_stop=lambda: True)


@pytest.mark.parametrize("file", ["encoder.json", "encoder.safetensors"])
def test_a_torn_file_is_refused(file, inputs, task, tmp_path):
    _fit("ple", inputs, task).encoder.save(tmp_path)
    (tmp_path / file).write_bytes((tmp_path / file).read_bytes()[:100])
    with pytest.raises(RecordError, match=r"cannot be read .*train again with --overwrite"):
        get_record_encoder("ple").load(tmp_path, OPTIONS)


def test_an_encoder_of_another_name_is_refused(inputs, task, tmp_path):
    _fit("ple", inputs, task).encoder.save(tmp_path)
    with pytest.raises(RecordError, match="of `ple`, format 1"):
        get_record_encoder("plr").load(tmp_path, OPTIONS)
