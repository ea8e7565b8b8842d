"""What `mmfeat train` and `mmfeat methods` print, and how they end."""

import json
import re

import pytest
from mmfeat.cli import exit_codes

from mmfeat.launching.worker_state import read_worker_state

from ..in_process import run_mmfeat
from ..stages.training_cohort import write_training_cohort


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    write_training_cohort(folder)
    return folder


QUICK = ["--set=train.methods=[average]", "--set=train.epochs=1"]


def test_training_says_how_many_heads_and_where_and_then_skips_them(folder):
    first = run_mmfeat("train", *QUICK, folder=folder)
    assert first.code == exit_codes.DONE, first.err
    assert "2 heads trained in" in first.out
    assert f"heads are in {folder / 'run'}" in first.out
    assert "note: `cancer`: 6 cases without a label are not trained on\n" in first.err
    again = run_mmfeat("train", "--json", *QUICK, folder=folder)
    report = json.loads(again.out)
    assert (report["n_trained"], report["n_finished_before"]) == (0, 2)


def test_other_settings_are_one_line_and_exit_code_two_until_overwrite(tmp_path):
    write_training_cohort(tmp_path)
    quick = ["--set=train.methods=[concat-zero]", "--set=train.seeds=[0]", "--set=train.epochs=1"]
    assert run_mmfeat("train", *quick, folder=tmp_path).code == exit_codes.DONE
    other = run_mmfeat("train", *quick, "--set=train.dropout=0.4", folder=tmp_path)
    assert other.code == exit_codes.USER_CAN_MEND
    assert "options.dropout was 0.2 and is 0.4" in other.err
    assert "Traceback" not in other.err
    mended = run_mmfeat("train", *quick, "--set=train.dropout=0.4", "--overwrite", folder=tmp_path)
    assert "2 heads trained" in mended.out


def test_methods_are_listed_one_line_each(tmp_path):
    run = run_mmfeat("methods", folder=tmp_path)
    assert run.code == exit_codes.DONE
    for name in ("mmfeat", "paper", "logistic", "average", "smd-zero"):
        assert sum(line.split()[:1] == [name] for line in run.out.splitlines()) == 1


def test_methods_as_json_hold_every_name(tmp_path):
    from mmfeat.fusion import METHODS

    assert list(json.loads(run_mmfeat("methods", "--json", folder=tmp_path).out)) == list(METHODS)


def test_shards_say_what_comes_next_and_finish_says_that_all_is_there(tmp_path):
    write_training_cohort(tmp_path)
    early = run_mmfeat("train", "--finish", *QUICK, folder=tmp_path)
    assert early.code == exit_codes.USER_CAN_MEND
    assert "2 of 2 heads are not trained yet, the first is `cancer average fold 0" in early.err
    for number in range(2):
        state = tmp_path / f"{number}.json"
        shard = run_mmfeat(
            "train", "--shard", f"{number}/2", f"--state={state}", *QUICK, folder=tmp_path
        )
        assert shard.code == exit_codes.DONE, shard.err
        assert f"1 targets, 1 methods, 2 folds; shard {number}/2 of them" in shard.out
        assert "when all shards are trained: `mmfeat train --finish`" in shard.out
        told = read_worker_state(state)
        assert (told.state, told.shard, told.n_done, told.n_total) == ("done", f"{number}/2", 1, 1)
    finished = run_mmfeat("train", "--finish", *QUICK, folder=tmp_path)
    assert finished.code == exit_codes.DONE, finished.err
    assert "2 heads, trained in shards, are there" in finished.out
    assert (tmp_path / "run" / "run.json").is_file()


def test_a_plan_can_be_shown_of_one_shard(folder):
    shown = run_mmfeat("train", "--dry-run", "--shard", "1/2", *QUICK, folder=folder)
    assert "of 1 heads of shard 1/2 to train in 2 folds" in shown.out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--finish", "--overwrite"], "--finish: comes after all shards; leave out --overwrite"),
        (["--finish", "--launcher", "local"], "--finish: a launcher does this by itself"),
        (["--shard", "2/2"], "shards are numbered from 0"),
    ],
)
def test_options_that_contradict_each_other_are_refused(folder, options, message):
    refused = run_mmfeat("train", *options, *QUICK, folder=folder)
    assert refused.code == exit_codes.USER_CAN_MEND
    assert re.search(message, refused.err)
