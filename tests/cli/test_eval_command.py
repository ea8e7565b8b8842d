"""`mmfeat eval` shows the tables of a trained project, or prints its results as JSON."""

import io
import json
import os
import shutil
import signal
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from mmfeat.cli import exit_codes, main

from mmfeat.config.loading import load_project
from mmfeat.launching.worker_state import read_worker_state
from mmfeat.progress import Silent
from mmfeat.stages.evaluation import evaluate as evaluate_stage
from mmfeat.stages.training.train import train


@pytest.fixture(scope="module")
def trained(tmp_path_factory, write_project):
    config = write_project(tmp_path_factory.mktemp("project"))
    train(load_project(config), progress=Silent(), should_stop=lambda: False)
    return config


@pytest.fixture(scope="module")
def shown(trained):
    """What the command shows, and the verdict it wrote; from then on the run has results."""
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()) as out:
        assert _mmfeat(patch, "eval", trained) == exit_codes.DONE
    results = json.loads((trained.parent / "run" / "results.json").read_text())
    return out.getvalue(), results["verdict"]["sentence"]


@pytest.fixture(scope="module")
def evaluated(trained, shown):
    """The run folder, with results."""
    return trained.parent / "run"


@pytest.fixture
def run(evaluated, tmp_path):
    """A copy of the run folder."""
    return Path(shutil.copytree(evaluated, tmp_path / "copy"))


def _mmfeat(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["mmfeat", *map(str, arguments)])
    monkeypatch.setenv("COLUMNS", "100")
    with pytest.raises(SystemExit) as end:
        main.main()
    return end.value.code or exit_codes.DONE


def test_it_shows_tables_comparisons_and_paths(shown):
    text, sentence = shown
    for part in (
        "AUROC [95 % interval]",
        "ct alone",
        "the true risk reaches",
        "cases that have both",
    ):
        assert part in text
    files, _, verdict = text.split("Results and figures:\n")[1].rpartition("\nNot shown: ")
    for line in files.splitlines():
        assert Path(line.strip()).is_file()
    assert f"Not shown: {' '.join(verdict.split())}" == sentence


def test_json_is_what_the_file_holds(trained, monkeypatch, capsys):
    assert (
        _mmfeat(monkeypatch, "eval", trained, "--json", "--set", "eval.resamples=150")
        == exit_codes.DONE
    )
    results = json.loads(capsys.readouterr().out)
    assert results == json.loads((trained.parent / "run" / "results.json").read_text())
    assert results["intervals"]["resamples"] == 150


def test_before_training_it_says_what_to_do(tmp_path, write_project, monkeypatch, capsys):
    assert _mmfeat(monkeypatch, "eval", write_project(tmp_path)) == exit_codes.USER_CAN_MEND
    (line,) = capsys.readouterr().err.strip().replace("\n", " ").splitlines()
    assert "mmfeat train" in line


def test_to_a_launcher_it_is_the_only_share_of_the_work(tmp_path, write_project, monkeypatch):
    file = tmp_path / "0.json"
    _mmfeat(monkeypatch, "eval", write_project(tmp_path), "--state", file)
    told = read_worker_state(file)
    assert (told.shard, told.state) == ("0/1", "failed")


def test_a_signal_ends_it_with_75_and_the_old_results_stay(trained, evaluated, monkeypatch, capsys):
    before = (evaluated / "results.json").read_bytes()
    predict = evaluate_stage.predict_opened

    def predict_and_signal(*arguments):
        os.kill(os.getpid(), signal.SIGTERM)
        return predict(*arguments)

    monkeypatch.setattr(evaluate_stage, "predict_opened", predict_and_signal)
    assert _mmfeat(monkeypatch, "eval", trained) == exit_codes.STOPPED
    assert "run the same command again" in capsys.readouterr().err.replace("\n", " ")
    assert (evaluated / "results.json").read_bytes() == before


def test_a_gain_can_be_required(run, monkeypatch, capsys):
    results = json.loads((run / "results.json").read_text())
    found = {}
    for answer in ("yes", "no", "not shown"):
        results["verdict"]["answer"] = answer
        (run / "results.json").write_text(json.dumps(results))
        found[answer] = _mmfeat(monkeypatch, "eval", run, "--require-gain")
    assert found == {"yes": 0, "no": exit_codes.NO_GAIN, "not shown": exit_codes.NO_GAIN}
    del results["verdict"]
    (run / "results.json").write_text(json.dumps(results))
    capsys.readouterr()
    assert _mmfeat(monkeypatch, "eval", run, "--require-gain") == exit_codes.USER_CAN_MEND
    shown = capsys.readouterr()
    assert "no verdict, for it was evaluated by an earlier version" in shown.out
    assert "run `mmfeat eval` with the settings file again" in shown.err.replace("\n", " ")


def test_what_is_evaluated_can_be_shown_as_a_table(trained, monkeypatch, capsys):
    assert _mmfeat(monkeypatch, "eval", trained, "--table", "markdown") == exit_codes.DONE
    markdown = capsys.readouterr().out
    assert markdown.startswith("cancer: AUROC [95 % interval of 200 resamples")
    assert "| average | " in markdown
    methods = load_project(trained).settings.train.methods
    chosen = ("--set", f"eval.table_rows=[{methods[-1]}]")
    assert _mmfeat(monkeypatch, "eval", trained, "--table", "csv", *chosen) == exit_codes.DONE
    rows = capsys.readouterr().out.splitlines()[1:]
    assert [row.split(",")[3] for row in rows] == [methods[-1]]


def test_runs_are_compared_on_the_screen_as_json_and_as_a_table(
    evaluated, tmp_path, monkeypatch, capsys
):
    runs = [shutil.copytree(evaluated, tmp_path / name) for name in ("old", "new")]
    assert _mmfeat(monkeypatch, "eval", *runs) == exit_codes.DONE
    shown = capsys.readouterr().out
    for text in (
        "Differences to old on the same cases",
        "new logistic",
        "as they come",
        "p (Holm)",
    ):
        assert text in shown
    assert _mmfeat(monkeypatch, "eval", runs[0], "--baseline", runs[1], "--json") == 0
    compared = json.loads(capsys.readouterr().out)
    assert compared["baseline"] == "new"
    file = tmp_path / "table.tex"
    arguments = ("eval", *runs, "--table", "latex", "--output", file)
    assert _mmfeat(monkeypatch, *arguments) == exit_codes.DONE
    assert "old: logistic" in file.read_text()
    assert _mmfeat(monkeypatch, *arguments) == exit_codes.USER_CAN_MEND
    assert "is there already" in capsys.readouterr().err
    assert _mmfeat(monkeypatch, *arguments, "--overwrite") == exit_codes.DONE


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["RUN", "--set", "eval.seed=1"], "--set eval.seed=1: runs that are evaluated"),
        (["RUN", "--table", "csv", "--json"], "--table and --json"),
        (["RUN", "--output", "t.csv"], "say how to write it"),
        (["RUN", "CONFIG"], "mmfeat.yaml: no results.json there"),
        (["RUN", "RUN"], "named twice"),
        (["EMPTY"], "no results.json there; name the folder of an evaluated run"),
    ],
)
def test_what_makes_no_sense_is_one_line(
    trained, evaluated, tmp_path, monkeypatch, capsys, arguments, message
):
    places = {"RUN": evaluated, "CONFIG": trained, "EMPTY": tmp_path}
    arguments = [places.get(one, one) for one in arguments]
    assert _mmfeat(monkeypatch, "eval", *arguments) == exit_codes.USER_CAN_MEND
    error = capsys.readouterr().err
    assert message in error
    assert error.strip().count("\n") == 0


def test_help_has_an_example(monkeypatch, capsys):
    assert _mmfeat(monkeypatch, "eval", "--help") == exit_codes.DONE
    assert "mmfeat eval mmfeat.yaml" in capsys.readouterr().out
