import hashlib
import json
import shutil

import numpy as np
import pandas as pd
import pytest

from mmfeat.calibration import Temperature
from mmfeat.errors import CohortError, EncoderError, TrainError
from mmfeat.progress import Silent
from mmfeat.stages.predicting.new_cases import new_cases_of, read_new_cases
from mmfeat.stages.predicting.predict import PredictOptions, predict
from mmfeat.stages.predicting.run_model import RunModel
from mmfeat.stages.predicting.run_settings import with_overrides

from ..predicted_cohort import N_NEW, referenced_project, write_phantom

METHODS = ("logistic", "concat-zero")


@pytest.fixture
def project(referenced):
    return referenced


@pytest.fixture
def manifest(project, tmp_path):
    """Write a table of new cases, after a change to it."""
    table = pd.read_csv(project.path("new.csv"), dtype=str, keep_default_na=False)
    table.ct = [str(project.path(path)) for path in table.ct]

    def write(change=lambda table: table):
        file = tmp_path / "new.csv"
        change(table.copy()).to_csv(file, index=False)
        return file

    return write


def _model(project, method="logistic"):
    return RunModel.open(project.path("run"), method=method)


def _predict(model, file, *, allow_overlap=False, settings=None, level=0.9):
    cases = read_new_cases(
        settings or model.project, file, files={}, needs_patients=not allow_overlap
    )
    return predict(
        model,
        cases,
        options=PredictOptions(allow_overlap=allow_overlap, level=level),
        progress=Silent(),
        should_stop=lambda: False,
    )


def _digests(folder):
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


@pytest.mark.parametrize("method", METHODS)
def test_cases_of_the_run_get_the_answers_of_their_own_fold(project, method):
    found = _predict(_model(project, method), project.path("manifest.csv"), allow_overlap=True)
    known = pd.read_parquet(project.path("run/predictions.parquet"))
    known = known[(known.method == method) & (known.regime == "natural")]
    rows = {case_id: row for row, case_id in enumerate(found.case_ids)}
    for answers in found.targets:
        of_target = known[known.target == answers.target]
        assert set(of_target.availability) == {"ct", "clinical", "ct+clinical"}
        assert len(of_target) == len(found.case_ids) * len(answers.outputs)
        places = [answers.outputs.index(output) for output in of_target.output]
        own = answers.by_fold[of_target.fold, of_target.case_id.map(rows), places]
        np.testing.assert_allclose(own, of_target.prediction, rtol=0, atol=1e-6)
        assert of_target.availability.tolist() == [
            found.availability[rows[case_id]] for case_id in of_target.case_id
        ]


def test_nothing_of_the_run_changes(project, manifest):
    before = _digests(project.path("run"))
    _predict(_model(project), manifest())
    assert _digests(project.path("run")) == before


def test_a_case_that_lacks_a_scan_gets_what_others_get_without_it(project, manifest):
    whole = _predict(_model(project), manifest())
    bare = _predict(_model(project), manifest(lambda table: table.assign(ct="")))
    assert set(whole.availability) == {"ct+clinical"}
    assert set(bare.availability) == {"clinical"}
    for one, other in zip(whole.targets, bare.targets, strict=True):
        np.testing.assert_allclose(one.through["clinical"], other.answers, rtol=1e-9)
        assert "ct" not in other.through
        assert np.isnan(other.contributions["ct"]).all()
    assert any("`ct`: no case has it" in note for note in bare.notes)


def test_contributions_and_base_rate_sum_to_the_prediction(project, manifest):
    def change(table):
        table.loc[3, ["age", "lobe"]] = ""
        return table

    found = _predict(_model(project), manifest(change))
    assert len(set(found.availability)) == 2
    frame = found.frame
    parts = frame[["contribution_ct", "contribution_clinical"]].fillna(0).sum(axis=1)
    np.testing.assert_allclose(parts + frame.base_rate, frame.prediction, atol=1e-9)
    alone = frame[frame.availability == "ct"]
    np.testing.assert_allclose(alone.contribution_ct, alone.prediction - alone.base_rate)


def test_sets_grow_with_the_level_and_intervals_hold_the_prediction(project, manifest):
    narrow = _predict(_model(project), manifest(), level=0.6).frame
    wide = _predict(_model(project), manifest(), level=0.85).frame
    for one, other in zip(narrow.prediction_set, wide.prediction_set, strict=True):
        if isinstance(one, str):
            assert set(one.split(";")) - {"(empty)"} <= set(other.split(";"))
    fev1 = wide[wide.target == "fev1"]
    assert (wide.target == "fev1").sum() == N_NEW
    assert (fev1.low < fev1.prediction).all()
    assert (fev1.prediction < fev1.high).all()
    assert (fev1.high - fev1.low > narrow[narrow.target == "fev1"].eval("high - low")).all()
    assert wide[wide.output == "risk"].prediction_set.isna().all()
    assert set(wide.compared_with) == {"simulated"}


def test_patients_who_were_trained_on_are_refused_by_name_unless_allowed(project, manifest):
    table = manifest(lambda table: table.assign(patient_id=["p01", "p07", *table.patient_id[2:]]))
    with pytest.raises(CohortError, match=r"trained on patients `p01`, `p07`.*--allow-overlap"):
        _predict(_model(project), table)
    found = _predict(_model(project), table, allow_overlap=True)
    assert found.flags[0] == ("this patient was trained on",)
    assert "trained on" not in " ".join(found.flags[2])
    assert any("`p01`, `p07`" in note for note in found.notes)


def test_a_table_without_patients_is_refused_unless_overlap_is_allowed(project, manifest):
    table = manifest(lambda table: table.drop(columns="patient_id"))
    with pytest.raises(CohortError, match=r"column `patient_id`: not in the manifest"):
        _predict(_model(project), table)
    found = _predict(_model(project), table, allow_overlap=True)
    assert found.patient_ids == found.case_ids
    assert any("not checked whether one was trained on" in note for note in found.notes)


def test_what_is_unlike_training_is_flagged_case_by_case(project, manifest, tmp_path):
    random = np.random.default_rng(0)
    write_phantom(tmp_path / "dense.nii.gz", 25.0, random)

    def change(table):
        table.loc[0, "ct"] = str(tmp_path / "dense.nii.gz")
        table.loc[1, "age"] = "131"
        table.loc[2, "lobe"] = "middle"
        return table

    found = _predict(_model(project), manifest(change))
    assert any("ct: unlike the cases trained on" in flag for flag in found.flags[0])
    assert any("clinical: `age` 131 is above" in flag for flag in found.flags[1])
    assert "clinical: `lobe` `middle` was never seen in training" in found.flags[2]
    assert found.farther["ct"][0] == 0
    assert sum("unlike" in " ".join(flags) for flags in found.flags) <= 2


def test_a_scan_that_fails_is_named_and_its_case_is_predicted_without_it(
    project, manifest, tmp_path
):
    (tmp_path / "torn.nii.gz").write_bytes(b"not a scan")

    def change(table):
        table.loc[[0, 1], "ct"] = str(tmp_path / "torn.nii.gz")
        table.loc[1, ["age", "lobe"]] = ""
        table["patient_id"] = ["p90", "p90", *table.patient_id[2:]]
        return table

    found = _predict(_model(project), manifest(change))
    assert found.has_failures
    assert found.availability[:3] == ("clinical", "", "ct+clinical")
    assert found.flags[0][0].startswith("not used: ct: ")
    assert list(found.failed) == [found.case_ids[1]]
    assert "torn.nii.gz" in found.failed[found.case_ids[1]]
    frame = found.frame.set_index("case_id")
    assert frame.loc[found.case_ids[1], "prediction"].isna().all()
    assert frame.loc[found.case_ids[0], "prediction"].notna().all()
    again = _predict(_model(project), manifest(change))
    assert again.failed == found.failed


def test_a_case_of_which_nothing_is_known_fails_and_the_others_do_not(project, manifest):
    def change(table):
        table.loc[4, ["ct", "age", "lobe"]] = ""
        return table

    found = _predict(_model(project), manifest(change))
    assert found.failed == {found.case_ids[4]: "nothing in any modality"}
    everything = _predict(
        _model(project), manifest(lambda table: table.assign(ct="", age="", lobe=""))
    )
    assert len(everything.failed) == N_NEW
    assert everything.frame.prediction.isna().all()
    assert len(everything.frame) == len(found.frame)


def test_only_what_the_cache_lacks_is_embedded_and_its_tables_stay_those_of_the_cohort(
    project, manifest
):
    _predict(_model(project), manifest())
    cache = project.path("cache")
    before = _digests(cache)
    assert any(name.endswith("quality.parquet") for name in before)
    _predict(_model(project), manifest())
    assert _digests(cache) == before
    quality = next(cache.rglob("quality.parquet"))
    assert "c60" not in set(pd.read_parquet(quality).case_id)


def test_another_recipe_is_refused_and_the_difference_named(project, manifest):
    model = _model(project)
    other = with_overrides(model.project, ["modalities.ct.reading.gaps=interpolate"])
    with pytest.raises(EncoderError, match=r"modality `ct`: .*reading\.gaps .*--weights ct=FILE"):
        _predict(model, manifest(), settings=other)


def test_what_is_shown_is_the_mean_of_the_folds_each_recalibrated(project, manifest, tmp_path):
    shutil.copytree(project.folder, tmp_path / "copy")
    flatter = Temperature("binary", (2.0,))
    of_fold = {"temperature": flatter.to_json(), "isotonic": {"method": "none"}}
    of_view = {"ct+clinical": {"0": of_fold, "1": of_fold}}
    calibration = {"chosen": "temperature", "targets": {"cancer": {"logistic": of_view}}}
    (tmp_path / "copy/run/calibration.json").write_text(json.dumps(calibration))
    model = RunModel.open(tmp_path / "copy/run", method="logistic")
    plain, found = (_predict(one, manifest()).targets[0] for one in (_model(project), model))
    np.testing.assert_array_equal(found.by_fold, plain.by_fold)
    wanted = np.mean([flatter.apply(one) for one in plain.by_fold], axis=0)
    np.testing.assert_allclose(found.answers, wanted, atol=1e-12)
    assert not np.allclose(found.answers, plain.answers)
    np.testing.assert_array_equal(found.coverage.p_true, plain.coverage.p_true)
    np.testing.assert_allclose(found.through["ct"], plain.through["ct"])


def test_a_run_that_was_not_evaluated_is_refused(project, manifest, tmp_path):
    shutil.copytree(project.folder, tmp_path / "copy")
    (tmp_path / "copy/run/references.json").unlink()
    model = RunModel.open(tmp_path / "copy/run", method="logistic")
    with pytest.raises(TrainError, match=r"no references\.json.*run `mmfeat eval` first"):
        _predict(model, manifest())


def test_a_frame_in_memory_is_predicted_as_the_file_of_it(project, manifest):
    model = _model(project)
    table = pd.read_csv(manifest(), dtype=str)
    cases = new_cases_of(
        model.project, table, named=project.folder / "frame", files={}, needs_patients=True
    )
    found = predict(
        model,
        cases,
        options=PredictOptions(),
        progress=Silent(),
        should_stop=lambda: False,
    )
    pd.testing.assert_frame_equal(found.frame, _predict(model, manifest()).frame)


def test_the_order_of_the_cases_makes_no_difference(project, manifest):
    model = _model(project, "concat-zero")
    plain = _predict(model, manifest()).frame
    turned = _predict(model, manifest(lambda table: table[::-1])).frame
    keys = ["case_id", "target", "output"]
    pd.testing.assert_frame_equal(
        plain.sort_values(keys, ignore_index=True),
        turned.sort_values(keys, ignore_index=True),
        rtol=1e-5,
    )


def test_heads_that_read_sets_of_scans_also_predict_where_nobody_has_one(tmp_path):
    few = ["train.targets=[cancer]", "train.methods=[image-only-attention]", "train.seeds=[0]"]
    project = referenced_project(tmp_path, ["modalities.ct.several=set", *few])
    model = _model(project, "image-only-attention")
    assert model.reads_sets
    found = _predict(model, project.path("manifest.csv"), allow_overlap=True)
    known = pd.read_parquet(project.path("run/predictions.parquet"))
    known = known[known.regime == "natural"]
    rows = {case_id: row for row, case_id in enumerate(found.case_ids)}
    own = found.targets[0].by_fold[known.fold, known.case_id.map(rows), 0]
    np.testing.assert_allclose(own, known.prediction, atol=1e-6)
    table = pd.read_csv(project.path("new.csv"), dtype=str).drop(columns="ct")
    table.to_csv(tmp_path / "bare.csv", index=False)
    bare = _predict(model, tmp_path / "bare.csv")
    assert set(bare.availability) == {"clinical"}
    assert bare.frame["prediction_ct"].isna().all()
    assert bare.frame.prediction.notna().all()
