"""Encoders that learn in context: who is seen against whom, and what is kept."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from mmfeat.errors import Interrupted, RecordError
from mmfeat.record_encoders.context_network import embed_in_contexts
from mmfeat.record_encoders.context_table import Context, table_of
from mmfeat.record_encoders.contract import RecordFitOptions
from mmfeat.record_encoders.in_context import InContextKind

from .small_records import inputs_of, small_records, task_of

N_CASES, N_TRAIN, N_VAL = 60, 32, 10


@dataclass(frozen=True)
class ClassMeans:
    """A network without weights: a row's differences to the mean of each class of the context."""

    sees_labels: bool = True
    most_classes: int = 3

    def embed(self, context: Context, rows):
        table = np.nan_to_num(context.table)
        groups = [table[context.labels == label] for label in np.unique(context.labels)]
        means = [group.mean(axis=0) for group in (groups if self.sees_labels else [table])]
        return np.hstack([np.nan_to_num(rows) - mean for mean in means]).astype(np.float32)


def kind_of(network):
    return InContextKind("means", "a network for tests", (), "none", lambda file, device: network)


@pytest.fixture
def options(tmp_path):
    (tmp_path / "weights").touch()
    return RecordFitOptions(weights=tmp_path / "weights")


@pytest.fixture(scope="module")
def inputs():
    return inputs_of(small_records(N_CASES), np.arange(N_TRAIN))


def labels_of(n_columns=1, top=2, seed=1):
    return np.random.default_rng(seed).integers(0, top, (N_CASES, n_columns)).astype(float)


def task(labels=None, **more):
    return task_of(labels_of() if labels is None else labels, n_train=N_TRAIN, n_val=N_VAL, **more)


def fit(inputs, options, *, network=ClassMeans(), of=None, should_stop=lambda: False):
    return kind_of(network).fit(inputs, of or task(), options=options, should_stop=should_stop)


def test_a_new_case_is_seen_against_the_training_part_alone(inputs, options):
    encoder = fit(inputs, options).encoder
    (context,) = encoder.contexts
    np.testing.assert_array_equal(context.table, table_of(inputs)[:N_TRAIN])
    np.testing.assert_array_equal(context.labels, labels_of()[:N_TRAIN, 0])
    vectors = encoder.embed(inputs)
    assert vectors.shape == (N_CASES, encoder.width) == (N_CASES, 3)  # 32 cases: 3 components
    assert vectors.dtype == np.float32
    assert not vectors[-1].any()  # it has no record
    assert vectors[:-1].any(axis=1).all()


def test_a_case_of_the_training_part_does_not_see_its_own_label(inputs, options):
    seen = []

    class Watched(ClassMeans):
        def embed(self, context, rows):
            records = {row.tobytes() for row in rows}
            assert records.isdisjoint(row.tobytes() for row in context.table)
            seen.extend(records)
            return super().embed(context, rows)

    encoded = fit(inputs, options, network=Watched())
    assert encoded.rows.tolist() == list(range(N_TRAIN))
    assert len(seen) == N_TRAIN  # each in one inner fold


def test_patients_stay_whole_when_cases_are_seen_against_others(inputs, options):
    found = []

    class Watched(ClassMeans):
        def embed(self, context, rows):
            found.append(len(context.table))
            return ClassMeans().embed(context, rows)

    patients = ("a",) * 20 + tuple(f"p{number}" for number in range(40))
    fit(inputs, options, network=Watched(), of=replace(task(), patient_ids=patients))
    assert min(found) <= 12  # the twenty cases of one patient are in no context together with one


def test_a_network_that_sees_no_labels_takes_the_whole_training_part(inputs, options):
    encoded = fit(inputs, options, network=ClassMeans(sees_labels=False))
    np.testing.assert_allclose(encoded.vectors, encoded.encoder.embed(inputs)[:N_TRAIN], atol=1e-6)
    assert not encoded.encoder.contexts[0].labels.any()


def test_each_of_several_labels_has_a_context_of_the_cases_that_have_it(inputs, options):
    labels = labels_of(n_columns=3)
    labels[3:9, 1] = np.nan
    labels[:, 2] = np.nan
    several = task(labels, kind="multilabel", n_outputs=3)
    encoder = fit(inputs, options, of=several).encoder
    assert [len(context.labels) for context in encoder.contexts] == [N_TRAIN, N_TRAIN - 6]
    assert np.isfinite(encoder.embed(inputs)).all()


def test_a_saved_encoder_comes_back_exactly(inputs, options, tmp_path):
    encoder = fit(inputs, options).encoder
    for name in ("first", "second"):
        encoder.save(tmp_path / name)
    loaded = kind_of(ClassMeans()).load(tmp_path / "first", options)
    np.testing.assert_array_equal(loaded.embed(inputs), encoder.embed(inputs))
    for file in ("encoder.json", "contexts.safetensors"):
        assert (tmp_path / "first" / file).read_bytes() == (tmp_path / "second" / file).read_bytes()


@pytest.mark.parametrize("file", ["encoder.json", "contexts.safetensors"])
def test_a_torn_file_is_refused(inputs, options, tmp_path, file):
    fit(inputs, options).encoder.save(tmp_path)
    (tmp_path / file).write_bytes((tmp_path / file).read_bytes()[:60])
    with pytest.raises(RecordError, match=r"cannot be read .*train again with --overwrite"):
        kind_of(ClassMeans()).load(tmp_path, options)


def test_neither_labels_nor_records_of_other_parts_count(inputs, options):
    first = fit(inputs, options)
    labels = labels_of()
    labels[N_TRAIN:] = 1 - labels[N_TRAIN:]
    again = fit(inputs.taken(np.arange(N_TRAIN + N_VAL)), options, of=task(labels))
    np.testing.assert_array_equal(first.vectors, again.vectors)
    assert first.encoder.space == again.encoder.space


@pytest.mark.parametrize(
    ("labels", "patients", "message"),
    [
        (np.ones((N_CASES, 1)), None, "no two patients with different labels"),
        (labels_of(), ("p",) * N_CASES, "no two patients with different labels"),
        (labels_of(top=4), None, "knows at most 3 classes, and the target has 4"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused(inputs, options, labels, patients, message):
    of = task(labels)
    of = of if patients is None else replace(of, patient_ids=patients)
    with pytest.raises(RecordError, match=message):
        fit(inputs, options, of=of)


def test_a_signal_stops_it(inputs, options):
    with pytest.raises(Interrupted, match="in the making is lost"):
        fit(inputs, options, should_stop=lambda: True)


def test_weights_are_never_downloaded(tmp_path):
    kind = kind_of(ClassMeans())
    with pytest.raises(RecordError, match=r"never downloaded; name a local file: `encoder_weights"):
        kind.check_ready(None)
    with pytest.raises(RecordError, match="no such file; it is to be the weights of `means`"):
        kind.check_ready(tmp_path / "nowhere")


def test_rows_go_through_in_chunks_of_one_size():
    sizes = []

    class Watched(ClassMeans):
        def embed(self, context, rows):
            sizes.append(len(rows))
            return super().embed(context, rows)

    table = np.random.default_rng(0).standard_normal((300, 2)).astype(np.float32)
    context = Context(table[:50], (table[:50, 0] > 0).astype(np.float32))
    vectors = embed_in_contexts(Watched(), [context], table)
    np.testing.assert_array_equal(vectors, ClassMeans().embed(context, table))
    assert sizes == [256, 256]
