import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from mmfeat.errors import TrainError
from mmfeat.feature_table import FeatureTable, FittedFeatures
from mmfeat.stages.scan_pooling import pool_scans
from mmfeat.tabular import RecordColumn, RecordEncoder, RecordTable
from mmfeat.tabular.scan_set import ScanSet

N_CASES = 40


def _table(seed: int = 0, n_cases: int = N_CASES) -> FeatureTable:
    rng = np.random.default_rng(seed)
    present = rng.random((n_cases, 3)) < 0.7
    vectors = {name: rng.normal(5, 3, (n_cases, width)) for name, width in (("ct", 4), ("pet", 2))}
    vectors["ct"][:, 3] = 1.5
    vectors = {name: vectors[name].astype(np.float32) for name in vectors}
    vectors["ct"][~present[:, 0]] = 0
    vectors["pet"][~present[:, 2]] = 0
    age = np.where(present[:, 1], rng.normal(60, 9, n_cases), np.nan)
    drawn = rng.choice(["f", "m"], n_cases).astype(object)
    sex = np.where(present[:, 1], drawn, None)
    records = RecordTable(
        {"age": RecordColumn("numeric", age), "sex": RecordColumn("categorical", sex)}
    )
    ids = tuple(f"c{number}" for number in range(n_cases))
    return FeatureTable(
        ids, ids, ("ct", "clinical", "pet"), vectors, {"clinical": records}, present
    )


TABLE = _table()
TRAIN = np.arange(25)


def test_vectors_are_scaled_as_scikit_learn_does_by_the_training_rows_that_have_them():
    arrays = FittedFeatures.fit(TABLE, TRAIN).transform(TABLE)
    has = TABLE.has("ct")
    reference = StandardScaler().fit(TABLE.vectors["ct"][TRAIN][has[TRAIN]].astype(np.float64))
    expected = reference.transform(TABLE.vectors["ct"][has].astype(np.float64))
    np.testing.assert_allclose(arrays["ct"][has], expected, atol=1e-5)
    assert not arrays["ct"][~has].any()
    assert not arrays["ct"][:, 3].any(), "the constant column"
    assert arrays["ct"].dtype == np.float32


def test_records_go_through_the_record_encoder_with_the_settings_of_their_modality():
    fitted = FittedFeatures.fit(
        TABLE, TRAIN, scaling={"clinical": "quantile"}, rare_below={"clinical": 0.9}
    )
    records = TABLE.records["clinical"]
    expected = RecordEncoder.fit(records, TRAIN, scaling="quantile", rare_below=0.9)
    np.testing.assert_array_equal(fitted.transform(TABLE)["clinical"], expected.transform(records))


def test_widths_are_those_of_the_arrays_in_the_order_of_the_settings():
    fitted = FittedFeatures.fit(TABLE, TRAIN)
    assert list(fitted.widths) == ["ct", "clinical", "pet"]
    arrays = fitted.transform(TABLE)
    assert fitted.widths == {name: array.shape[1] for name, array in arrays.items()}


@settings(deadline=None, max_examples=25)
@given(rows=st.lists(st.integers(0, 39)), order=st.randoms(use_true_random=False))
def test_fitting_depends_on_the_set_of_training_rows_only(rows, order):
    fitted = FittedFeatures.fit(TABLE, np.array(rows, dtype=np.int64))
    others = sorted(set(range(N_CASES)) - set(rows))
    present = TABLE.present.copy()
    present[others] = False
    vectors = {
        name: np.where(present[:, [column]], TABLE.vectors[name], np.float32(0))
        for name, column in (("ct", 0), ("pet", 2))
    }
    columns = {}
    for name, column in TABLE.records["clinical"].columns.items():
        values = column.values.copy()
        values[others] = None if name == "sex" else np.nan
        columns[name] = RecordColumn(column.kind, values)
    changed = replace(
        TABLE, vectors=vectors, records={"clinical": RecordTable(columns)}, present=present
    )
    order.shuffle(rows)
    assert FittedFeatures.fit(changed, np.array(rows, dtype=np.int64)).digest == fitted.digest
    for array in fitted.transform(TABLE).values():
        assert np.isfinite(array).all()


def test_saved_and_loaded_is_the_same_bit_for_bit(tmp_path):
    fitted = FittedFeatures.fit(TABLE, TRAIN, scaling={"clinical": "quantile"})
    fitted.save(tmp_path / "fold" / "features")
    loaded = FittedFeatures.load(tmp_path / "fold" / "features")
    assert loaded.digest == fitted.digest
    before, after = fitted.transform(TABLE), loaded.transform(TABLE)
    assert list(after) == list(before)
    for name in before:
        np.testing.assert_array_equal(after[name], before[name])
    files = sorted(path.name for path in (tmp_path / "fold" / "features").iterdir())
    assert files == ["features.json", "vectors.safetensors"]


def test_the_arrays_of_an_earlier_version_are_still_read(tmp_path):
    fitted = FittedFeatures.fit(WITH_SET, TRAIN)
    fitted.save(tmp_path)
    for name, scalings in {"vectors": fitted.vectors, "sets": fitted.sets}.items():
        (tmp_path / f"{name}.safetensors").unlink()
        arrays = {f"{one}.mean": scaling.mean for one, scaling in scalings.items()}
        arrays |= {f"{one}.sd": scaling.sd for one, scaling in scalings.items()}
        np.savez(tmp_path / f"{name}.npz", **arrays)
    assert FittedFeatures.load(tmp_path).digest == fitted.digest
    fitted.save(tmp_path)
    assert not list(tmp_path.glob("*.npz"))


def test_the_digest_tells_fits_apart():
    digests = {
        FittedFeatures.fit(TABLE, TRAIN).digest,
        FittedFeatures.fit(TABLE, TRAIN[1:]).digest,
        FittedFeatures.fit(TABLE, TRAIN, scaling={"clinical": "quantile"}).digest,
    }
    assert len(digests) == 3


def test_changed_files_are_refused(tmp_path):
    FittedFeatures.fit(TABLE, TRAIN).save(tmp_path)
    other = tmp_path / "other"
    FittedFeatures.fit(TABLE, TRAIN[1:]).save(other)
    (other / "vectors.safetensors").replace(tmp_path / "vectors.safetensors")
    with pytest.raises(TrainError, match="were changed after training; train again"):
        FittedFeatures.load(tmp_path)


@pytest.mark.parametrize("name", ["features.json", "vectors.safetensors"])
@pytest.mark.parametrize(
    "content", [None, b"", b"{}", b"[1]", b'{"vectors": [], "records": []}', b"PK\x03\x04"]
)
def test_lost_or_broken_files_are_refused(tmp_path, name, content):
    FittedFeatures.fit(TABLE, TRAIN).save(tmp_path)
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(TrainError, match=r"cannot be read .*; train again"):
        FittedFeatures.load(tmp_path)


def test_an_encoder_of_another_form_is_refused(tmp_path):
    FittedFeatures.fit(TABLE, TRAIN).save(tmp_path)
    state = json.loads((tmp_path / "features.json").read_text())
    state["records"]["clinical"]["columns"][0]["median"] = "high"
    (tmp_path / "features.json").write_text(json.dumps(state))
    with pytest.raises(TrainError, match="median"):
        FittedFeatures.load(tmp_path)


def test_a_table_of_other_modalities_or_widths_is_refused():
    fitted = FittedFeatures.fit(TABLE, TRAIN)
    wider = {"ct": np.zeros((N_CASES, 5), np.float32), "pet": TABLE.vectors["pet"]}
    with pytest.raises(
        TrainError, match=r"trained on \['ct', 'clinical', 'pet'\].*'ct': 4.*'ct': 5"
    ):
        fitted.transform(replace(TABLE, vectors=wider))
    order = replace(TABLE, modalities=("pet", "clinical", "ct"), present=TABLE.present[:, ::-1])
    with pytest.raises(TrainError, match="but now there are"):
        fitted.transform(order)


def test_cases_without_anything_are_not_usable():
    assert (TABLE.usable == TABLE.present.any(axis=1)).all()
    assert not TABLE.usable.all()
    assert len(TABLE) == N_CASES


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"case_ids": ("same",) * N_CASES}, "40 cases need an own id and a patient each"),
        ({"patient_ids": ("one",)}, "40 cases need an own id and a patient each"),
        ({"modalities": ("ct", "clinical", "mr")}, "needs either vectors or records"),
        ({"records": {}}, "needs either vectors or records"),
        ({"present": TABLE.present[:, :2]}, r"present must be bool \(40, 3\), got bool \(40, 2\)"),
        ({"present": TABLE.present.astype(int)}, "present must be bool"),
        ({"present": ~TABLE.present}, "finite, and zero where absent"),
        ({"present": TABLE.present ^ [[False, True, False]]}, "of 40 cases, present as said"),
        ({"vectors": {**TABLE.vectors, "ct": TABLE.vectors["ct"][:5]}}, r"float32 40 x width, got"),
        ({"vectors": {**TABLE.vectors, "ct": TABLE.vectors["ct"].astype(float)}}, "got float64"),
        ({"vectors": {**TABLE.vectors, "ct": TABLE.vectors["ct"] * np.float32(np.nan)}}, "finite"),
    ],
)
def test_parts_that_do_not_belong_together_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        replace(TABLE, **changes)


def _with_set(table: FeatureTable, seed: int = 0) -> FeatureTable:
    """Keep one to three scans of each case that has CT; its vector is their mean."""
    rng = np.random.default_rng(seed)
    counts = np.where(table.has("ct"), rng.integers(1, 4, len(table)), 0)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    scans = ScanSet(
        rng.normal(5, 3, (offsets[-1], 4)).astype(np.float32), offsets, np.full(offsets[-1], 7.0)
    )
    return replace(
        table, vectors=table.vectors | {"ct": pool_scans(scans, "mean")}, sets={"ct": scans}
    )


WITH_SET = _with_set(TABLE)


def test_scans_of_a_set_are_scaled_by_the_single_scans_of_the_training_part():
    scans = WITH_SET.sets["ct"]
    arrays = FittedFeatures.fit(WITH_SET, TRAIN).transform_sets(WITH_SET)["ct"]
    reference = StandardScaler().fit(scans.vectors[np.isin(scans.cases, TRAIN)].astype(np.float64))
    np.testing.assert_allclose(arrays.vectors, reference.transform(scans.vectors), atol=1e-5)
    np.testing.assert_array_equal(arrays.offsets, scans.offsets)
    np.testing.assert_array_equal(arrays.days, scans.days)


def test_nothing_is_learnt_from_the_scans_of_other_cases_than_the_training_part():
    scans = WITH_SET.sets["ct"]
    outside = ~np.isin(scans.cases, TRAIN)
    assert outside.any()
    vectors = scans.vectors.copy()
    vectors[outside] *= 1000
    changed = replace(WITH_SET, sets={"ct": replace(scans, vectors=vectors)})
    fitted = FittedFeatures.fit(WITH_SET, TRAIN)
    assert FittedFeatures.fit(changed, TRAIN).digest == fitted.digest
    vectors[~outside] *= 1000
    assert FittedFeatures.fit(changed, TRAIN).digest != fitted.digest


def test_the_set_does_not_change_what_methods_are_given():
    without = replace(WITH_SET, sets={})
    before, after = (FittedFeatures.fit(t, TRAIN).transform(t) for t in (without, WITH_SET))
    for name in before:
        np.testing.assert_array_equal(after[name], before[name])


def test_a_fit_to_sets_is_saved_and_loaded_bit_for_bit(tmp_path):
    fitted = FittedFeatures.fit(WITH_SET, TRAIN)
    fitted.save(tmp_path)
    loaded = FittedFeatures.load(tmp_path)
    assert loaded.digest == fitted.digest
    before, after = (one.transform_sets(WITH_SET)["ct"].vectors for one in (fitted, loaded))
    np.testing.assert_array_equal(after, before)
    (tmp_path / "sets.safetensors").write_bytes((tmp_path / "vectors.safetensors").read_bytes())
    with pytest.raises(TrainError, match="were changed after training; train again"):
        FittedFeatures.load(tmp_path)


def test_other_sets_than_those_fitted_to_are_refused():
    with pytest.raises(TrainError, match=r"sets of scans of \{'ct': 4\}, but now there are \{\}"):
        FittedFeatures.fit(WITH_SET, TRAIN).transform_sets(TABLE)


def test_a_set_that_does_not_fit_its_vectors_is_refused():
    scans = WITH_SET.sets["ct"]
    with pytest.raises(ValueError, match="the set of pet must be of the width of its vectors"):
        replace(WITH_SET, sets={"pet": scans})
    of_tokens = replace(scans, scan_numbers=np.zeros(len(scans.vectors), np.int64))
    wide = replace(of_tokens, vectors=np.repeat(scans.vectors, 3, axis=1))
    assert replace(WITH_SET, sets={"ct": wide}).sets["ct"].vectors.shape[1] == 12
    with pytest.raises(ValueError, match="clinical has a set and no vectors"):
        replace(WITH_SET, sets={"clinical": scans})
    moved = replace(scans, offsets=np.concatenate([[0], scans.offsets[:-2], scans.offsets[-1:]]))
    with pytest.raises(ValueError, match="the set of ct must be of 40 cases, present as said"):
        replace(WITH_SET, sets={"ct": moved})
