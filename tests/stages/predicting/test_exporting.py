import json
import re
import shutil

import numpy as np
import pytest

from mmfeat.errors import TrainError
from mmfeat.stages.cohort import open_cohort
from mmfeat.stages.features import open_features
from mmfeat.stages.predicting.exporting import ExportOptions, export_run
from mmfeat.stages.predicting.run_model import RunModel
from tests.stages.predicting.conftest import write_calibration


@pytest.fixture(scope="module")
def exported(networks_run, tmp_path_factory):
    run = tmp_path_factory.mktemp("exporting") / "run"
    shutil.copytree(networks_run, run)
    write_calibration(run)
    export_run(run, run.parent / "model")
    return run.parent / "model"


def _table(run):
    project = RunModel.open(run).project
    return open_features(project, open_cohort(project))


@pytest.mark.parametrize(
    ("name", "method"),
    [("networks_run", "paper"), ("networks_run", "paper~both"), ("linear_run", "average@ple")],
)
def test_what_is_exported_answers_as_the_run_does_bit_for_bit(name, method, request, tmp_path):
    run = request.getfixturevalue(name)
    export_run(run, tmp_path / "model")
    table = _table(run)
    models = [RunModel.open(folder, method=method) for folder in (run, tmp_path / "model")]
    assert models[1].is_exported
    assert models[0].targets == models[1].targets
    for target in models[0].targets:
        before, after = (one.answers(one.ready(table), table.present, target) for one in models)
        np.testing.assert_array_equal(before.by_fold, after.by_fold)
        np.testing.assert_array_equal(before.sd, after.sd)


def test_it_is_recalibrated_as_the_run_is(exported, networks_run):
    model, table = RunModel.open(exported), _table(networks_run)
    assert model.answers(model.ready(table), table.present, "cancer").recalibrated == "temperature"


def test_only_json_safetensors_and_a_card_are_in_it(exported):
    endings = {file.suffix for file in exported.rglob("*") if file.is_file()}
    assert endings == {".json", ".safetensors", ".md"}


@pytest.mark.parametrize("name", ["networks_run", "linear_run"])
def test_no_id_and_no_path_of_the_cohort_leaves_with_it(name, request, tmp_path):
    run = request.getfixturevalue(name)
    export_run(run, tmp_path / "model")
    whole = b"\n".join(f.read_bytes() for f in (tmp_path / "model").rglob("*") if f.is_file())
    assert not re.search(rb"patient-\d|case-\d", whole)
    for path in (run, tmp_path, run.parent):
        assert str(path).encode() not in whole
    assert b"manifest.csv" in whole  # a name that stands for whatever it was


def test_its_patients_are_recognised_without_their_names(exported):
    model = RunModel.open(exported)
    assert model.known_patients(["somebody", "patient-30"]) == ("patient-30",)


def test_digests_of_patients_can_be_left_out(networks_run, tmp_path):
    export_run(networks_run, tmp_path / "model", ExportOptions(with_patients=False))
    with pytest.raises(TrainError, match="exported without digests of its patients"):
        RunModel.open(tmp_path / "model").known_patients(["patient-30"])


def test_it_is_found_where_it_is_moved_to(exported, tmp_path):
    moved = tmp_path / "elsewhere"
    shutil.copytree(exported, moved)
    model = RunModel.open(moved)
    assert model.project.folder == moved
    assert model.project.path(model.settings.extract.cache) == moved / "cache"


def test_folders_of_the_user_beside_its_files_are_not_looked_at(exported, tmp_path):
    shutil.copytree(exported, tmp_path / "model")
    (tmp_path / "model" / "cache").mkdir()
    (tmp_path / "model" / "cache" / "new.h5").write_bytes(b"features of new cases")
    assert RunModel.open(tmp_path / "model").methods == ("paper", "paper~both")


def _some_head(folder):
    return next(folder.glob("heads/cancer/paper/*/model.safetensors"))


def test_a_changed_file_is_refused_by_its_name(exported, tmp_path):
    shutil.copytree(exported, tmp_path / "model")
    file = _some_head(tmp_path / "model")
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(TrainError, match=r"fold\d-seed\d/model.safetensors: damaged or changed"):
        RunModel.open(tmp_path / "model")


def test_a_lost_file_is_refused_by_its_name(exported, tmp_path):
    shutil.copytree(exported, tmp_path / "model")
    (tmp_path / "model/folds/1/features/features.json").unlink()
    with pytest.raises(TrainError, match=r"folds/1/features/features.json: is missing"):
        RunModel.open(tmp_path / "model")


def test_a_file_that_was_put_there_is_refused_by_its_name(exported, tmp_path):
    shutil.copytree(exported, tmp_path / "model")
    (tmp_path / "model/heads/model.pkl").write_bytes(b"cos\nsystem\n")
    with pytest.raises(TrainError, match=r"model.pkl: does not belong to the exported folder"):
        RunModel.open(tmp_path / "model")


def test_a_damaged_list_of_files_is_refused(exported, tmp_path):
    shutil.copytree(exported, tmp_path / "model")
    (tmp_path / "model/model.json").write_text("{")
    with pytest.raises(TrainError, match=r"model.json: damaged .*; copy the exported folder again"):
        RunModel.open(tmp_path / "model")


def test_a_folder_of_a_later_format_is_refused(exported, tmp_path):
    shutil.copytree(exported, tmp_path / "model")
    known = json.loads((tmp_path / "model/model.json").read_text())
    (tmp_path / "model/model.json").write_text(json.dumps({**known, "format": 2}))
    with pytest.raises(TrainError, match="of format 2, and this version reads format 1"):
        RunModel.open(tmp_path / "model")


def test_the_methods_of_the_settings_can_be_chosen(networks_run, tmp_path):
    report = export_run(networks_run, tmp_path / "model", ExportOptions(methods=("paper",)))
    assert (report.methods, report.n_heads) == (("paper", "paper~both"), 12)
    with pytest.raises(TrainError, match=r"no method `mmfeat` to export, only paper"):
        export_run(networks_run, tmp_path / "other", ExportOptions(methods=("mmfeat",)))


def test_nothing_is_replaced_unless_asked_for(exported, networks_run, tmp_path):
    shutil.copytree(exported, tmp_path / "model")
    with pytest.raises(TrainError, match="is there already; pass --overwrite to replace it"):
        export_run(networks_run, tmp_path / "model")
    export_run(networks_run, tmp_path / "model", ExportOptions(overwrite=True))
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/mine.txt").write_text("keep me")
    with pytest.raises(TrainError, match="is there already; name another folder"):
        export_run(networks_run, tmp_path / "notes", ExportOptions(overwrite=True))
    assert (tmp_path / "notes/mine.txt").read_text() == "keep me"


def test_what_is_exported_is_not_exported_again(exported, tmp_path):
    with pytest.raises(TrainError, match="is exported already; copy the folder as it is"):
        export_run(exported, tmp_path / "again")


def test_an_export_that_fails_leaves_nothing(networks_run, tmp_path):
    shutil.copytree(networks_run, tmp_path / "run")
    _some_head(tmp_path / "run").unlink()
    with pytest.raises(TrainError, match="cannot be read"):
        export_run(tmp_path / "run", tmp_path / "model", add=[_read_all])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run"]


def _read_all(run, folder):
    model = RunModel.of_contents(folder)
    for fold in range(model.n_folds):
        model.heads_of(fold, "cancer")


def test_a_run_without_results_says_so_in_report_and_card(networks_run, tmp_path):
    report = export_run(networks_run, tmp_path / "model")
    assert not report.is_evaluated
    assert "This run was not evaluated" in (tmp_path / "model/README.md").read_text()
