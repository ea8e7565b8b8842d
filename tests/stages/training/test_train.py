import json
import os
import shutil

import numpy as np
import pandas as pd
import pytest
import torch

from mmfeat.errors import Interrupted, TrainError
from mmfeat.feature_table import FittedFeatures
from mmfeat.fusion import load_head
from mmfeat.fusion.head_files import read_description, write_description
from mmfeat.progress import Silent
from mmfeat.stages.evaluation.prediction import predict_run
from mmfeat.stages.training.train import train

from ..training_cohort import N_CASES, head_bytes, project_with, write_training_cohort


class Notes:
    """Keep what is told."""

    def __init__(self):
        self.total, self.notes = 0, []

    def start(self, task, total):
        self.total = total

    def advance(self, steps=1, note=""):
        self.notes.append(note)


def _train(file, overwrite=False, should_stop=lambda: False, progress=None, **settings):
    return train(
        project_with(file, **settings),
        progress=progress or Silent(),
        should_stop=should_stop,
        overwrite=overwrite,
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    file = write_training_cohort(folder)
    progress = Notes()
    return file, _train(file, progress=progress), progress


@pytest.fixture
def copied(trained, tmp_path):
    """The trained project in a folder of its own, to be spoilt."""
    shutil.copytree(trained[0].parent, tmp_path / "copy")
    return tmp_path / "copy" / "mmfeat.yaml"


def test_the_run_folder_has_what_the_documentation_says(trained):
    file, report, _ = trained
    run = file.parent / "run"
    assert report.run == run
    names = {str(path.relative_to(run)) for path in run.rglob("*") if path.is_file()}
    head = "heads/cancer/paper/fold1-seed1"
    assert {"run.json", "splits.csv", f"{head}/head.json", f"{head}/model.safetensors"} <= names
    assert {f"{head}/history.csv", "folds/0/features/features.json"} <= names
    assert not [name for name in names if "partial" in name]


def test_seeds_are_trained_only_where_a_method_uses_them(trained):
    file, report, progress = trained
    folders = {
        path.parent.name for path in file.parent.glob("run/heads/cancer/average/*/head.json")
    }
    assert folders == {"fold0-seed0", "fold1-seed0"}
    assert report.n_trained == progress.total == len(progress.notes) == 2 * (2 + 1)


def test_run_json_says_what_was_trained_from_what(trained):
    file, _, _ = trained
    run = json.loads((file.parent / "run" / "run.json").read_text())
    assert run["targets"] == {"cancer": {"kind": "binary", "outputs": ["1"]}}
    assert run["methods"] == {"paper": [0, 1], "average": [0]}
    assert set(run["features"]) == {"ct", "clinical"}
    assert run["settings"]["train"]["epochs"] == 2
    assert run["versions"]["torch"] == torch.__version__


def test_history_has_both_stages_and_every_epoch(trained):
    file, _, _ = trained
    history = pd.read_csv(file.parent / "run/heads/cancer/paper/fold0-seed0/history.csv")
    assert history.stage.tolist() == ["contrastive"] * 2 + ["target"] * 3
    assert history.epoch.tolist() == [0, 1, 0, 1, 2]
    assert np.isfinite(history.score).all()


def test_splits_name_a_part_for_every_case_and_fold(trained):
    file, _, _ = trained
    splits = pd.read_csv(file.parent / "run" / "splits.csv")
    assert len(splits) == N_CASES
    assert set(splits.fold_0) == {"train", "val", "test"}
    assert ((splits.fold_0 == "test") ^ (splits.fold_1 == "test")).all()


def test_all_targets_are_trained_on_and_cases_that_are_left_out_named(trained, tmp_path):
    report = _train(write_training_cohort(tmp_path), targets=None, methods=["average"])
    assert report.targets == ("cancer", "stage", "findings", "survival")
    assert "`cancer`: 6 cases without a label are not trained on" in report.notes


def test_notes_are_told_before_the_first_head_is_trained(tmp_path):
    file = write_training_cohort(tmp_path)
    frame = pd.read_csv(tmp_path / "manifest.csv")
    frame["age"] = frame["age"] + 100 * frame["cancer"]
    frame.to_csv(tmp_path / "manifest.csv", index=False)
    told, progress = [], Notes()

    def tell(note):
        assert not progress.notes
        told.append(note)

    report = train(
        project_with(file, methods=["average"]),
        progress=progress,
        should_stop=lambda: False,
        tell=tell,
    )
    assert tuple(told) == report.notes
    assert len(progress.notes) == 2
    assert any("columns.age`: tells `cancer` almost alone" in note for note in told)
    assert json.loads((tmp_path / "run" / "run.json").read_text())["notes"] == told


def test_an_unknown_method_is_refused_before_anything_is_trained(tmp_path):
    file = write_training_cohort(tmp_path)
    with pytest.raises(TrainError, match="did you mean `paper`"):
        _train(file, methods=["average", "papper"])
    assert not (tmp_path / "run").exists()


def test_a_device_that_is_not_there_is_refused(tmp_path):
    file = write_training_cohort(tmp_path)
    with pytest.raises(TrainError, match=r"`cuda:99` is not there"):
        _train(file, device="cuda:99")


def test_finished_heads_are_skipped_and_untouched(copied):
    run = copied.parent / "run"
    before = {file: file.stat().st_mtime_ns for file in run.glob("heads/**/*.json")}
    report = _train(copied)
    assert (report.n_trained, report.n_finished_before) == (0, 6)
    assert {file: file.stat().st_mtime_ns for file in run.glob("heads/**/*.json")} == before


def test_a_lost_head_is_trained_again_to_the_same_bytes(copied):
    run = copied.parent / "run"
    before = head_bytes(run)
    shutil.rmtree(run / "heads/cancer/paper/fold1-seed0")
    report = _train(copied)
    assert (report.n_trained, report.n_finished_before) == (1, 5)
    assert head_bytes(run) == before


def test_other_settings_are_refused_by_name_and_accepted_with_overwrite(copied):
    message = r"options\.epochs was 2 and is 3.*--overwrite"
    with pytest.raises(TrainError, match=message):
        _train(copied, epochs=3)
    report = _train(copied, epochs=3, overwrite=True)
    assert (report.n_trained, report.n_finished_before) == (4, 2)
    assert _train(copied, epochs=3).n_trained == 0


def test_changed_labels_are_noticed(copied):
    manifest = copied.parent / "manifest.csv"
    frame = pd.read_csv(manifest, dtype=str)
    frame["cancer"] = frame["cancer"].map({"0": "1", "1": "0"})
    frame.to_csv(manifest, index=False)
    with pytest.raises(TrainError, match="labels was"):
        _train(copied)


def test_changed_features_are_noticed(copied):
    with np.load(copied.parent / "ct.npz") as arrays:
        ids, features = arrays["case_id"], arrays["feature"]
    np.savez(copied.parent / "ct.npz", case_id=ids, feature=features + features**2)
    with pytest.raises(TrainError, match="features was"):
        _train(copied)


def test_changed_splits_are_noticed(copied):
    (copied.parent / "splits.csv").unlink()
    project = project_with(copied)
    other = project.settings.cohort.split.model_copy(update={"seed": 5})
    cohort = project.settings.cohort.model_copy(update={"split": other})
    settings = project.settings.model_copy(update={"cohort": cohort})
    with pytest.raises(TrainError, match="split was"):
        train(type(project)(settings, project.file), progress=Silent(), should_stop=lambda: False)


@pytest.mark.parametrize("torn", ["head.json", "model.safetensors"])
def test_a_torn_head_is_refused_and_replaced_with_overwrite(copied, torn):
    folder = copied.parent / "run/heads/cancer/paper/fold0-seed0"
    before = head_bytes(copied.parent / "run")
    (folder / torn).unlink()
    with pytest.raises(TrainError, match="train again with --overwrite"):
        _train(copied)
    assert _train(copied, overwrite=True).n_trained == 1
    assert head_bytes(copied.parent / "run") == before


@pytest.mark.parametrize("damaged", ["head.json", "model.safetensors"])
def test_a_head_with_another_bit_is_refused_and_replaced_with_overwrite(copied, damaged):
    folder = copied.parent / "run/heads/cancer/paper/fold0-seed0"
    before = head_bytes(copied.parent / "run")
    content = bytearray((folder / damaged).read_bytes())
    content[-20] ^= 1
    (folder / damaged).write_bytes(content)
    with pytest.raises(TrainError, match="train again with --overwrite"):
        _train(copied)
    assert _train(copied, overwrite=True).n_trained == 1
    assert head_bytes(copied.parent / "run") == before


def test_what_killed_trainings_left_is_removed(copied):
    left = copied.parent / "run/heads/cancer/paper" / ".fold0-seed0.1@elsewhere-0123abcd.partial"
    left.mkdir()
    os.utime(left, (0, 0))
    others = left.with_name(".fold0-seed1.1@elsewhere-0123abcd.partial")
    others.mkdir()  # of a machine that may be at work now
    _train(copied)
    assert not left.exists()
    assert others.exists()


def test_a_stop_keeps_finished_heads_and_going_on_gives_what_one_go_gives(trained, tmp_path):
    file = write_training_cohort(tmp_path)
    finished = Notes()
    with pytest.raises(Interrupted, match=r"3 of 6 heads are finished and kept"):
        _train(file, progress=finished, should_stop=lambda: len(finished.notes) == 3)
    assert _train(file).n_finished_before == 3
    assert head_bytes(tmp_path / "run") == head_bytes(trained[0].parent / "run")


def test_features_are_fitted_to_the_training_part_alone(copied):
    splits = pd.read_csv(copied.parent / "splits.csv")
    with np.load(copied.parent / "ct.npz") as arrays:
        ids, features = arrays["case_id"], arrays["feature"]
    training = np.isin(ids, splits.case_id[splits.fold_0 == "train"])
    fitted = FittedFeatures.load(copied.parent / "run/folds/0/features")
    np.testing.assert_allclose(
        fitted.vectors["ct"].mean, features[training].mean(axis=0), rtol=1e-5
    )


def test_a_class_that_is_missing_from_training_names_target_and_fold(tmp_path):
    file = write_training_cohort(tmp_path)
    frame = pd.read_csv(tmp_path / "manifest.csv", dtype=str)
    frame["nodule"] = frame["fibrosis"] = np.where(frame.index == 40, "1", "0")
    frame.to_csv(tmp_path / "manifest.csv", index=False)
    with pytest.raises(TrainError, match=r"target `findings`, fold \d: .* at most one class"):
        _train(file, targets=["findings"])


def test_every_saved_head_can_be_loaded(trained):
    folders = [path.parent for path in trained[0].parent.glob("run/heads/**/head.json")]
    for folder in folders:
        head = load_head(folder)
        widths = json.loads((folder / "head.json").read_text())["identity"]["widths"]
        features = {name: np.zeros((1, width), np.float32) for name, width in widths.items()}
        assert head.predict(features, np.array([[True, True]])).shape == (1, 1)


def test_heads_of_another_version_are_used_but_not_mixed_with_new_ones(copied):
    for file in copied.parent.glob("run/heads/**/head.json"):
        description = read_description(file.parent)
        description["identity"]["versions"]["torch"] = "2.8.0"
        write_description(file.parent, description)
    assert len(predict_run(project_with(copied), Silent()).views)
    with pytest.raises(TrainError, match=r"versions\.torch was 2\.8\.0"):
        _train(copied)
