import json
import shutil

import pytest

from mmfeat.errors import TrainError
from mmfeat.progress import Silent
from mmfeat.provenance import write_json
from mmfeat.stages.evaluation.prediction import predict_run
from mmfeat.stages.training.failed_heads import FAILED
from mmfeat.stages.training.finish import finish_training
from mmfeat.stages.training.train import train
from mmfeat.work_shard import WorkShard

from ..training_cohort import head_bytes, project_with, write_training_cohort

COUNT = 3
SETTINGS = {"grid": {"dropout": [0.1, 0.3]}, "methods": ["paper", "average"]}


def _train(file, shard=None, **settings):
    return train(
        project_with(file, **{**SETTINGS, **settings}),
        progress=Silent(),
        should_stop=lambda: False,
        shard=shard,
    )


def _finish(file, tell=lambda _: None, **settings):
    return finish_training(
        project_with(file, **{**SETTINGS, **settings}),
        progress=Silent(),
        should_stop=lambda: False,
        tell=tell,
    )


def _run_json(file):
    return json.loads((file.parent / "run" / "run.json").read_text())


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    file = write_training_cohort(tmp_path_factory.mktemp("whole"))
    _train(file)
    return file


@pytest.fixture(scope="module")
def sharded(tmp_path_factory):
    """Trained as three shards, the last one first, and not finished."""
    file = write_training_cohort(tmp_path_factory.mktemp("sharded"))
    reports = [_train(file, shard) for shard in reversed(WorkShard.all(COUNT))]
    return file, reports


@pytest.fixture
def copied(sharded, tmp_path):
    shutil.copytree(sharded[0].parent, tmp_path / "copy")
    return tmp_path / "copy" / "mmfeat.yaml"


def test_shards_have_the_heads_of_one_training_bit_for_bit(whole, sharded):
    file, reports = sharded
    assert head_bytes(file.parent / "run") == head_bytes(whole.parent / "run")
    assert [report.shard for report in reports] == ["2/3", "1/3", "0/3"]
    assert sum(report.n_trained for report in reports) == len(head_bytes(whole.parent / "run"))
    assert all(report.choices == () for report in reports)


def test_a_run_of_shards_alone_is_not_finished(sharded):
    file, _ = sharded
    assert not (file.parent / "run" / "run.json").exists()
    with pytest.raises(TrainError, match="no finished training"):
        predict_run(project_with(file, **SETTINGS), Silent())


def test_finishing_writes_what_a_whole_training_does(whole, copied):
    report = _finish(copied)
    found, wanted = _run_json(copied), _run_json(whole)
    passing = {"seconds", "seconds_per_head", "notes"}
    assert {name: value for name, value in found.items() if name not in passing} == {
        name: value for name, value in wanted.items() if name not in passing
    }
    assert set(found["seconds_per_head"]) == {"paper", "average"}
    assert any("trained in shards" in note for note in found["notes"])
    assert set(found["notes"]) >= set(wanted["notes"])
    assert (report.n_trained, report.shard) == (0, "finish")
    assert report.elapsed_s == pytest.approx(found["seconds"])
    assert found["seconds"] > 0
    splits = (copied.parent / "run" / "splits.csv").read_bytes()
    assert splits == (whole.parent / "run" / "splits.csv").read_bytes()
    predicted = predict_run(project_with(copied, **SETTINGS), Silent())
    assert len(predicted.views) == len(predict_run(project_with(whole, **SETTINGS), Silent()).views)


def test_a_whole_training_after_all_shards_trains_nothing_and_finishes(copied):
    report = _train(copied)
    assert report.n_trained == 0
    assert (copied.parent / "run" / "run.json").is_file()


def test_finishing_says_which_heads_are_missing_and_trains_none(copied):
    shutil.rmtree(copied.parent / "run/heads/cancer/average/fold1-seed0")
    with pytest.raises(TrainError, match=r"1 of 10 heads .* `cancer average fold 1 seed 0`"):
        _finish(copied)
    assert not (copied.parent / "run" / "run.json").exists()


def test_finishing_refuses_heads_of_other_settings(copied):
    with pytest.raises(TrainError, match=r"options\.epochs was 2 and is 3"):
        _finish(copied, epochs=3)


def test_a_shard_again_finds_its_heads_there_and_leaves_those_of_others_in_training(copied):
    others = copied.parent / "run" / "unfinished" / "0123.alone.safetensors"
    others.parent.mkdir(exist_ok=True)
    others.touch()
    report = _train(copied, WorkShard(0, COUNT))
    assert (report.n_trained, report.n_finished_before) == (0, 3)
    assert others.exists()


def test_lost_heads_are_trained_to_the_same_bytes_by_shards_of_another_number(whole, copied):
    run = copied.parent / "run"
    for setting in ("dropout=0.1", "dropout=0.3"):
        shutil.rmtree(run / "heads/cancer/paper" / setting / "fold0-seed1")
    assert sum(_train(copied, shard).n_trained for shard in WorkShard.all(2)) == 2
    assert head_bytes(run) == head_bytes(whole.parent / "run")


def test_what_a_shard_could_not_train_is_a_failure_of_the_finished_run(tmp_path, overflowing):
    file = write_training_cohort(tmp_path)
    settings = {"methods": ["paper"], "seeds": [0], "grid": {}, **overflowing}
    report = _train(file, WorkShard(0, 2), **settings)
    other = _train(file, WorkShard(1, 2), **settings)
    names = {one.key.name for one in (*report.failures, *other.failures)}
    assert names
    finished = _finish(file, **settings)
    assert {one.key.name for one in finished.failures} == names
    assert len(_run_json(file)["failures"]) == len(names)
    assert _run_json(file)["failures"][0]["reason"] == finished.failures[0].failure


@pytest.fixture
def overflowing():
    """Settings under which the networks of `paper` have a loss that is no number."""
    return {"learning_rate": 1e30, "epochs": 3}


def test_a_failure_of_other_settings_does_not_count(copied):
    shutil.rmtree(copied.parent / "run/heads/cancer/average/fold1-seed0")
    write_json(
        copied.parent / "run" / FAILED / "1-of-3.json",
        [{"head": "cancer average fold 1 seed 0", "identity": "00", "reason": "no number"}],
    )
    with pytest.raises(TrainError, match=r"1 heads are not trained yet"):
        _finish(copied)


def test_a_torn_list_of_failures_is_named(copied):
    torn = copied.parent / "run" / FAILED / "1-of-3.json"
    torn.parent.mkdir()
    torn.write_text("[{")
    with pytest.raises(TrainError, match=r"1-of-3\.json: cannot be read .* run its shard again"):
        _finish(copied)
