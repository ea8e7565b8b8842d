"""`mmfeat export` writes a run as one folder."""

import json

import pytest
from mmfeat.cli import exit_codes

from mmfeat.config.loading import load_project
from mmfeat.progress import Silent
from mmfeat.stages.training.train import train
from tests.stages.training_cohort import write_training_cohort


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folder of a tiny run."""
    folder = tmp_path_factory.mktemp("exporting")
    changed = ["train.methods=[average]", "train.targets=[cancer]"]
    train(
        load_project(write_training_cohort(folder), changed),
        progress=Silent(),
        should_stop=lambda: False,
    )
    return folder / "run"


def test_it_says_what_it_wrote_and_what_is_left_to_do(mmfeat_shown, run, tmp_path):
    code, out, _ = mmfeat_shown("export", run, "model", columns=120)
    assert code == exit_codes.DONE
    assert "2 heads (average) for cancer: " in out
    assert "the run was not evaluated" in out
    assert f"complete the model card: {'model/README.md'}" in out
    assert (tmp_path / "model" / "model.json").is_file()


def test_it_can_be_read_by_scripts(mmfeat_shown, run):
    code, out, _ = mmfeat_shown("export", run, "model", "--json", "--without-patients")
    known = json.loads(out)
    assert (code, known["methods"], known["n_heads"]) == (exit_codes.DONE, ["average"], 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--methods", "paper"], "has no method `paper` to export, only average"),
        ([], "is there already; name another folder"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(mmfeat_shown, run, tmp_path, arguments, message):
    target = tmp_path / "full"
    target.mkdir()
    if not arguments:
        (target / "notes.txt").write_text("mine")
    code, _, err = mmfeat_shown("export", run, target, *arguments)
    assert code == exit_codes.USER_CAN_MEND
    assert message in err.replace("\n", " ")


def test_a_folder_that_is_no_run_is_refused(mmfeat_shown, tmp_path):
    code, _, err = mmfeat_shown("export", tmp_path, "model")
    assert code == exit_codes.USER_CAN_MEND
    assert "no finished training" in err
