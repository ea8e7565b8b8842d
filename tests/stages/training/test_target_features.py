import json
import shutil
import traceback
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import yaml

from mmfeat.config.loading import load_project
from mmfeat.config.record_variants import record_variants
from mmfeat.errors import Interrupted, TrainError
from mmfeat.feature_table import FittedFeatures
from mmfeat.manifest.cohort import TargetValues, TimeRules
from mmfeat.manifest.splits import parts_of
from mmfeat.progress import Silent
from mmfeat.stages.cohort import open_cohort, open_folds
from mmfeat.stages.evaluation.evaluate import evaluate
from mmfeat.stages.features import open_features
from mmfeat.stages.training.encoder_place import EncoderPlace
from mmfeat.stages.training.fold import fold_data
from mmfeat.stages.training.target_features import saved_target_features
from mmfeat.stages.training.train import train
from mmfeat.work_shard import WorkShard

from ..training_cohort import N_CASES, head_bytes, write_training_cohort

ENCODER = "run/folds/0/records/cancer/ple/clinical"


def _settings(folder):
    file = write_training_cohort(folder)
    settings = yaml.safe_load(file.read_text())
    settings["modalities"]["clinical"]["encoder"] = ["tabular-basic", "ple"]
    settings["train"] |= {"methods": ["average"]}
    settings["eval"] = {"resamples": 100, "missing_cells": [], "figures": False}
    file.write_text(yaml.safe_dump(settings, sort_keys=False))
    return file


def _train(file, *overrides, overwrite=False, should_stop=lambda: False):
    project = load_project(file, list(overrides))
    return train(project, progress=Silent(), should_stop=should_stop, overwrite=overwrite)


def _place(file, *, number=0):
    project = load_project(file, [])
    cohort = open_cohort(project)
    run = project.path(project.settings.train.run)
    fold = open_folds(project, cohort)[number]
    fitted = FittedFeatures.load(run / "folds" / str(number) / "features")
    table = open_features(project, cohort)
    return EncoderPlace(project, run, cohort, table, fold, number, "cancer", fitted)


def _variants(file):
    return record_variants(load_project(file, []).settings.modalities)


def _encoder_bytes(file):
    folder = file.parent / ENCODER
    return {one.name: one.read_bytes() for one in sorted(folder.iterdir()) if one.suffix != ".json"}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    file = _settings(tmp_path_factory.mktemp("encoders"))
    return file, _train(file)


@pytest.fixture
def copied(trained, tmp_path):
    """The trained project in a folder of its own, to be spoilt."""
    shutil.copytree(trained[0].parent, tmp_path / "copy")
    return tmp_path / "copy" / "mmfeat.yaml"


def test_every_head_is_trained_with_each_encoder(trained):
    file, report = trained
    assert report.methods == ("average", "average@ple")
    assert report.n_trained == 2 * 2
    assert set(report.seconds_per_encoder) == {"ple"}
    heads = head_bytes(file.parent / "run")
    assert {name.split("/")[2] for name in heads} == {"average", "average@ple"}


def test_an_encoder_is_kept_as_json_and_arrays(trained):
    folder = trained[0].parent / ENCODER
    assert sorted(file.name for file in folder.iterdir()) == [
        "encoder.json",
        "encoder.safetensors",
        "target_encoder.json",
        "vectors.safetensors",
    ]
    identity = json.loads((folder / "target_encoder.json").read_text())["identity"]
    assert (identity["encoder"], identity["target"], identity["fold"]) == ("ple", "cancer", 0)
    assert "rtdl_num_embeddings" in identity["versions"]


def test_the_encoders_vector_stands_beside_the_basic_one(trained):
    place = _place(trained[0])
    basic, ple = (saved_target_features(place, variant) for variant in _variants(trained[0]))
    alone, both = basic.transform(place.table), ple.transform(place.table)
    width = alone["clinical"].shape[1]
    np.testing.assert_array_equal(both["clinical"][:, :width], alone["clinical"])
    np.testing.assert_array_equal(both["ct"], alone["ct"])
    assert both["clinical"].shape == (N_CASES, width + 128)
    assert not both["clinical"][~place.table.has("clinical")].any()
    assert not basic.digests
    assert set(ple.digests) == {"clinical"}


def test_heads_are_trained_on_vectors_that_no_fit_with_their_label_made(trained):
    place = _place(trained[0])
    ple = saved_target_features(place, _variants(trained[0])[1])
    data = fold_data(
        place.cohort,
        place.table,
        fold=place.fold,
        features=place.fitted,
        target="cancer",
        cell_dropout=0.0,
    )
    own = ple.applied(data, place.table).features["clinical"]
    as_new = ple.transform(place.table)["clinical"]
    task = place.task("clinical")
    learnt = np.union1d(task.train, task.val)
    others = np.setdiff1d(np.arange(N_CASES), learnt)
    np.testing.assert_array_equal(own[others], as_new[others])
    assert (own[learnt] != as_new[learnt]).any(axis=1).all()
    of_train = own[task.train][:, -128:]
    deviations = of_train.std(axis=0)
    np.testing.assert_allclose(of_train.mean(axis=0), 0, atol=1e-4)
    # As much variance in all as the columns of the basic vector have, which are two.
    np.testing.assert_allclose(deviations[deviations > 0], np.sqrt(2 / 128), atol=1e-3)


def test_some_cases_alone_have_the_same_vectors(trained):
    place = _place(trained[0])
    ple = saved_target_features(place, _variants(trained[0])[1])
    rows = np.array([3, 60, 33])
    part = replace(
        place.table,
        case_ids=tuple(place.table.case_ids[row] for row in rows),
        patient_ids=tuple(place.table.patient_ids[row] for row in rows),
        vectors={name: values[rows] for name, values in place.table.vectors.items()},
        records={name: one.taken(rows) for name, one in place.table.records.items()},
        present=place.table.present[rows],
    )
    expected = ple.transform(place.table)["clinical"][rows]
    np.testing.assert_allclose(ple.transform(part)["clinical"], expected, atol=1e-5)


def test_the_same_command_fits_nothing_again(copied):
    before = _encoder_bytes(copied)
    report = _train(copied)
    assert (report.n_trained, report.n_finished_before) == (0, 4)
    assert report.seconds_per_encoder == {}
    assert _encoder_bytes(copied) == before


def test_records_and_labels_of_the_test_part_do_not_change_a_byte(trained, tmp_path):
    place = _place(trained[0])
    test = np.array(parts_of(place.fold)) == "test"
    file = _settings(tmp_path)
    manifest = pd.read_csv(tmp_path / "manifest.csv", dtype=str, keep_default_na=False)
    manifest.loc[test & (manifest["age"] != ""), "age"] = "33"
    known = test & (manifest["cancer"] != "")
    manifest.loc[known, "cancer"] = manifest["cancer"].map({"0": "1", "1": "0"})
    manifest.to_csv(tmp_path / "manifest.csv", index=False)
    shutil.copy(trained[0].parent / "splits.csv", tmp_path)
    shutil.copy(trained[0].parent / "splits.rule.json", tmp_path)
    _train(file)
    assert _encoder_bytes(file) == _encoder_bytes(trained[0])


def test_an_encoder_of_other_labels_is_refused_until_overwrite(copied):
    manifest = pd.read_csv(copied.parent / "manifest.csv", dtype=str, keep_default_na=False)
    row = int(_place(copied).task("clinical").train[0])
    manifest.loc[row, "cancer"] = "1" if manifest.loc[row, "cancer"] == "0" else "0"
    manifest.to_csv(copied.parent / "manifest.csv", index=False)
    shutil.rmtree(copied.parent / "run" / "heads")
    before = _encoder_bytes(copied)
    with pytest.raises(TrainError, match="ple/clinical: made from something else: labels was"):
        _train(copied)
    assert _encoder_bytes(copied) == before
    _train(copied, overwrite=True)
    assert _encoder_bytes(copied) != before


def test_an_encoder_that_was_changed_after_training_is_refused(copied):
    file = copied.parent / ENCODER / "vectors.safetensors"
    file.write_bytes(file.read_bytes()[:-4] + b"\1\2\3\4")
    with pytest.raises(TrainError, match=r"vectors\.safetensors changed after training"):
        _train(copied)


def test_a_torn_encoder_is_refused(copied):
    (copied.parent / ENCODER / "target_encoder.json").write_text("{")
    with pytest.raises(TrainError, match="not a whole record encoder"):
        _train(copied)


def test_an_encoder_that_is_not_there_is_told_by_eval(copied):
    shutil.rmtree(copied.parent / ENCODER)
    with pytest.raises(TrainError, match="not trained yet; run `mmfeat train` first"):
        evaluate(load_project(copied, []), progress=Silent())


def test_a_signal_while_an_encoder_is_fitted_keeps_what_is_finished(tmp_path):
    file = _settings(tmp_path)
    asked = iter([False] * 8)
    with pytest.raises(Interrupted, match="2 of 8 heads are finished and kept"):
        _train(file, "train.methods=[average, logistic]", should_stop=lambda: next(asked, True))
    assert not (tmp_path / ENCODER).exists()
    assert list((tmp_path / "run" / "folds" / "0").glob("**/*.partial")) == []


def test_results_compare_the_encoders_side_by_side(copied):
    results = evaluate(load_project(copied, []), progress=Silent())
    assert results["methods"] == ["average", "average@ple"]
    of_target = results["targets"]["cancer"]
    assert list(of_target["methods"]) == ["average", "average@ple"]
    pairs = {
        (one["method"], one["minus_method"]) for one in of_target["complete_cases"]["differences"]
    }
    assert ("average@ple", "average") in pairs


def test_encoders_are_fitted_to_numbers_and_to_hazards_also_where_heads_learn_by_cox(trained):
    place = _place(trained[0])
    age = TargetValues("regression", ("age",), np.arange(float(N_CASES))[:, None])
    values = np.stack([np.arange(1.0, N_CASES + 1), np.arange(N_CASES) % 2], axis=1)
    times = TargetValues("time_to_event", ("t", "e"), values, TimeRules((20.0, 60.0), 3, True))
    cohort = replace(place.cohort, targets={"age": age, "death": times})
    number = replace(place, cohort=cohort, target="age").task("clinical")
    assert (number.kind, number.n_outputs) == ("regression", 1)
    assert abs(number.labels[place.fold.train].mean()) < 1e-9
    hazards = replace(place, cohort=cohort, target="death").task("clinical")
    assert hazards.kind == "multilabel"
    assert hazards.labels.shape == (N_CASES, hazards.n_outputs)


def test_shards_that_cut_a_fold_find_or_fit_its_encoder_and_train_the_same_heads(trained, tmp_path):
    file = _settings(tmp_path)
    for shard in WorkShard.all(3):
        train(load_project(file, []), progress=Silent(), should_stop=lambda: False, shard=shard)
    assert head_bytes(tmp_path / "run") == head_bytes(trained[0].parent / "run")
    assert _encoder_bytes(file) == _encoder_bytes(trained[0])


def test_an_encoder_that_another_shard_has_put_in_place_meanwhile_is_taken(copied):
    there = copied.parent / ENCODER
    aside = there.with_name("aside")
    there.rename(aside)
    before = {file: file.stat().st_ino for file in sorted(aside.iterdir())}

    def others_finish():
        if aside.exists():
            aside.rename(there)
        return False

    shutil.rmtree(copied.parent / "run" / "heads")
    _train(copied, should_stop=lambda: _in_a_fit() and others_finish())
    assert {aside / file.name: file.stat().st_ino for file in sorted(there.iterdir())} == before


def _in_a_fit():
    """Say whether a record encoder is being fitted, and nothing before or after it."""
    return any(frame.f_code.co_name == "fit_encoder" for frame, _ in traceback.walk_stack(None))
