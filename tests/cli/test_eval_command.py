"""`mmfeat eval` shows the tables of a trained project, or prints its results as JSON."""

import json
import os
import signal
from pathlib import Path

import pytest
from mmfeat.cli import exit_codes, main

from mmfeat.config.loading import load_project
from mmfeat.progress import Silent
from mmfeat.stages import evaluate as evaluate_stage
from mmfeat.stages.training.train import train


@pytest.fixture(scope="module")
def trained(tmp_path_factory, write_project):
    config = write_project(tmp_path_factory.mktemp("project"))
    train(load_project(config), progress=Silent(), should_stop=lambda: False)
    return config


def _mmfeat(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["mmfeat", *map(str, arguments)])
    monkeypatch.setenv("COLUMNS", "100")
    with pytest.raises(SystemExit) as end:
        main.main()
    return end.value.code or exit_codes.DONE


def test_it_shows_tables_comparisons_and_paths(trained, monkeypatch, capsys):
    assert _mmfeat(monkeypatch, "eval", trained) == exit_codes.DONE
    shown = capsys.readouterr().out
    for text in (
        "AUROC [95 % interval]",
        "ct alone",
        "the true risk reaches",
        "cases that have both",
    ):
        assert text in shown
    for line in shown.split("Results and figures:\n")[1].splitlines():
        assert Path(line.strip()).is_file()


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


def test_a_signal_ends_it_with_75_and_the_old_results_stay(trained, monkeypatch, capsys):
    assert _mmfeat(monkeypatch, "eval", trained) == exit_codes.DONE
    before = (trained.parent / "run" / "results.json").read_bytes()
    predict = evaluate_stage.predict_run

    def predict_and_signal(project, progress):
        os.kill(os.getpid(), signal.SIGTERM)
        return predict(project, progress)

    monkeypatch.setattr(evaluate_stage, "predict_run", predict_and_signal)
    assert _mmfeat(monkeypatch, "eval", trained) == exit_codes.STOPPED
    assert "run the same command again" in capsys.readouterr().err.replace("\n", " ")
    assert (trained.parent / "run" / "results.json").read_bytes() == before


def test_help_has_an_example(monkeypatch, capsys):
    assert _mmfeat(monkeypatch, "eval", "--help") == exit_codes.DONE
    assert "mmfeat eval mmfeat.yaml" in capsys.readouterr().out
