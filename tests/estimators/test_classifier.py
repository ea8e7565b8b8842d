import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.utils.estimator_checks import check_estimator

import mmfeat
from mmfeat import MultimodalClassifier
from mmfeat.errors import TrainError

RANDOM = np.random.default_rng(0)
N = 80
IMAGE = RANDOM.standard_normal((N, 4))
RECORD = pd.DataFrame({"age": RANDOM.normal(60, 8, N), "sex": RANDOM.choice(["f", "m"], N)})
SICK = np.where(IMAGE[:, 0] + (RECORD["age"] - 60) / 8 > 0, "sick", "well")
IMAGE[:12] = np.nan
RECORD.iloc[20:30] = None
RECORD.loc[40:44, "age"] = np.nan
CASES = {"ct": IMAGE, "clinical": RECORD}
QUICK = {"epochs": 3, "contrastive_epochs": 1, "cv": 2}


@pytest.fixture(scope="module")
def fitted():
    return MultimodalClassifier("paper", n_seeds=2, **QUICK).fit(CASES, SICK)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["image-only", "boosting", "average"])
def test_it_keeps_every_rule_of_scikit_learn(method):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the checks provoke them
        found = check_estimator(MultimodalClassifier(method, cv=None, epochs=20), on_fail=None)
    assert [
        (one["check_name"], one["exception"]) for one in found if one["status"] == "failed"
    ] == []
    skipped = {one["check_name"] for one in found if one["status"] != "passed"}
    assert skipped <= {"check_array_api_input"}  # needs an environment variable of SciPy


def test_heads_of_all_parts_and_seeds_answer_together(fitted):
    assert [len(fold.heads) for fold in fitted.folds_] == [2, 2]
    assert fitted.modalities_ == ("ct", "clinical")
    probabilities = fitted.predict_proba(CASES)
    assert probabilities.shape == (N, 2)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)
    likeliest = np.array(["sick", "well"])[probabilities.argmax(axis=1)]
    np.testing.assert_array_equal(fitted.predict(CASES), likeliest)


def test_it_learns_from_both_modalities_and_from_what_each_row_has():
    model = MultimodalClassifier("average").fit(CASES, SICK)
    both = model.score(CASES, SICK)
    no_scan = {**CASES, "ct": np.full_like(IMAGE, np.nan)}
    with_record = RECORD.notna().any(axis=1).to_numpy()
    alone = {name: values[with_record] for name, values in no_scan.items()}
    assert both > 0.75
    assert 0.5 < model.score(alone, SICK[with_record]) < both
    assert len(model.folds_) == 1  # it chooses on inner folds itself


def test_classes_of_any_kind_are_in_the_order_of_their_probabilities():
    stage = np.digitize(np.nan_to_num(IMAGE[:, 1]), [-0.5, 0.5]) * 10
    model = MultimodalClassifier("average").fit(CASES, stage)
    assert model.classes_.tolist() == [0, 10, 20]
    probabilities = model.predict_proba(CASES)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)
    assert model.score(CASES, stage) > 0.6


def test_columns_of_one_array_can_be_of_several_modalities(fitted):
    whole = np.hstack([np.nan_to_num(IMAGE), RECORD[["age"]]])
    model = MultimodalClassifier(
        "average", modalities={"ct": slice(0, 4), "labs": [4]}, records=["labs"]
    ).fit(whole, SICK)
    assert model.n_features_in_ == 5
    cut = {"ct": whole[:, :4], "labs": whole[:, 4:]}
    same = MultimodalClassifier("average", records=["labs"]).fit(cut, SICK)
    np.testing.assert_array_equal(model.predict_proba(whole), same.predict_proba(cut))


def test_columns_of_a_table_are_named():
    table = pd.concat([pd.DataFrame(IMAGE, columns=list("abcd")), RECORD], axis=1)
    groups = {"ct": list("abcd"), "clinical": ["age", "sex"]}
    model = MultimodalClassifier("average", modalities=groups).fit(table, SICK)
    same = MultimodalClassifier("average").fit(CASES, SICK)
    np.testing.assert_array_equal(model.predict_proba(table), same.predict_proba(CASES))
    assert list(model.feature_names_in_) == list(table.columns)


def test_rows_of_a_patient_stay_on_one_side():
    groups = np.arange(N) // 4
    model = MultimodalClassifier("paper", **QUICK).fit(CASES, SICK, groups=groups)
    other = MultimodalClassifier("paper", **QUICK).fit(CASES, SICK)
    assert not np.array_equal(model.predict_proba(CASES), other.predict_proba(CASES))


def test_the_seed_decides_everything(fitted):
    again = clone(fitted).fit(CASES, SICK)
    np.testing.assert_array_equal(again.predict_proba(CASES), fitted.predict_proba(CASES))
    other = clone(fitted).set_params(random_state=1).fit(CASES, SICK)
    assert not np.array_equal(other.predict_proba(CASES), fitted.predict_proba(CASES))


def test_it_works_in_searches_and_cross_validation():
    whole = np.nan_to_num(IMAGE)
    model = MultimodalClassifier("image-only", epochs=2, cv=None)
    assert cross_val_score(model, whole, SICK, cv=2).shape == (2,)
    search = GridSearchCV(model, {"dropout": [0.0, 0.5]}, cv=2).fit(whole, SICK)
    assert set(search.best_params_) == {"dropout"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "papr"}, "unknown method `papr`; did you mean `paper`"),
        ({"method": "paper-attention"}, "reads sets of scans or tokens"),
        ({"cv": 1}, "cv must be 2 or more, or None"),
        ({"n_seeds": 0}, "n_seeds must be at least 1, got 0"),
        ({"validation_fraction": 1.0}, "validation_fraction must be between 0 and 1"),
        ({"modalities": {"ct": [0]}}, "X is a mapping already"),
    ],
)
def test_arguments_that_cannot_be_used_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        MultimodalClassifier(**arguments).fit(CASES, SICK)


def test_labels_that_cannot_be_learnt_from_are_refused():
    model = MultimodalClassifier("average")
    with pytest.raises(ValueError, match="y has 1 class only"):
        model.fit(CASES, ["sick"] * N)
    with pytest.raises(ValueError, match=f"X has {N} rows and y has 3"):
        model.fit(CASES, ["sick", "well", "well"])
    with pytest.raises(NotFittedError):
        model.predict(CASES)


@pytest.mark.parametrize("method", ["paper", "average"])
def test_what_is_saved_answers_as_before_bit_for_bit(method, tmp_path):
    model = MultimodalClassifier(method, **QUICK).fit(CASES, SICK)
    model.save(tmp_path / "model")
    loaded = MultimodalClassifier.load(tmp_path / "model")
    np.testing.assert_array_equal(loaded.predict_proba(CASES), model.predict_proba(CASES))
    assert loaded.predict(CASES).tolist() == model.predict(CASES).tolist()
    assert loaded.get_params() == model.get_params()
    files = {file.suffix for file in (tmp_path / "model").rglob("*") if file.is_file()}
    assert files <= {".json", ".safetensors", ".csv"}
    with pytest.raises(TrainError, match="is there already; pass overwrite=True"):
        model.save(tmp_path / "model")
    model.save(tmp_path / "model", overwrite=True)


def test_modalities_by_columns_are_saved_too(tmp_path):
    whole = np.nan_to_num(IMAGE)
    groups = {"ct": slice(0, 3), "pet": [3]}
    model = MultimodalClassifier("average", modalities=groups).fit(whole, SICK == "sick")
    model.save(tmp_path / "model")
    loaded = MultimodalClassifier.load(tmp_path / "model")
    assert loaded.modalities == {"ct": [0, 1, 2], "pet": [3]}
    assert loaded.classes_.dtype == bool
    np.testing.assert_array_equal(loaded.predict(whole), model.predict(whole))


def test_a_damaged_or_foreign_folder_is_refused(fitted, tmp_path):
    with pytest.raises(TrainError, match=r"no saved classifier; it has no model\.json"):
        MultimodalClassifier.load(tmp_path)
    fitted.save(tmp_path / "model")
    head = next((tmp_path / "model").rglob("model.safetensors"))
    head.write_bytes(head.read_bytes()[:-1])
    with pytest.raises(TrainError, match=r"model.safetensors: damaged or changed"):
        MultimodalClassifier.load(tmp_path / "model")


def test_the_names_of_the_package_are_loaded_when_they_are_asked_for():
    assert mmfeat.MultimodalClassifier is MultimodalClassifier
    assert {"load_run", "MultimodalClassifier"} <= set(dir(mmfeat))
    with pytest.raises(AttributeError, match="module `mmfeat` has no attribute `load_model`"):
        mmfeat.load_model  # noqa: B018 - asking is the point
