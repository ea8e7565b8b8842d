"""What makes or reads an evaluation may be stopped at any time: all of it or nothing is left."""

import json
import random
import shutil
import signal
import time

import pandas as pd
import pytest

from mmfeat.errors import EvalError
from mmfeat.provenance import sha256_of_file
from mmfeat.report.html.page_source import PageSource
from mmfeat.stages.predicting.calibration_file import SavedCalibration
from mmfeat.stages.predicting.references import References
from mmfeat.stages.predicting.run_model import RunModel

from ..stages.training_cohort import write_training_cohort
from .programs import ProgramHost

pytestmark = pytest.mark.slow

SETTINGS = (
    "--set=train.methods=[logistic, average]",
    "--set=train.seeds=[0]",
    "--set=eval.resamples=100",
    "--set=eval.missing_cells=[0.5]",
    "--set=eval.missing_columns=false",
)
EVALUATED = ("results.json", "report.html", "calibration.json", "references.json")
_PATIENCE_S = 120.0
_WAITS_BEFORE_IT_MOVES = """
import os, pathlib, time

def replace(source, target, move=os.replace, **how):
    if os.path.basename(target) == "report.html":
        pathlib.Path("written").touch()
        time.sleep(3)
    return move(source, target, **how)

os.replace = replace
"""
"""A small report is written in a moment; here it is whole beside its place, and then time stops."""


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    """Start programs that have evaluation and prediction loaded, too."""
    stages = ("evaluation.evaluate", "predicting.predict", "predicting.exporting")
    modules = [f"mmfeat.stages.{name}" for name in stages]
    made = ProgramHost(
        tmp_path_factory.mktemp("programs"), "mmfeat.stages.training.train", *modules
    )
    yield made
    made.close()


def _run(host, folder, *arguments):
    ended = host.start(*arguments, folder=folder).wait(_PATIENCE_S)
    assert ended.code == 0, ended.err
    return ended


@pytest.fixture(scope="module")
def evaluated(host, tmp_path_factory):
    """A cohort whose run nothing disturbed, and how long its evaluation takes."""
    folder = tmp_path_factory.mktemp("evaluated")
    write_training_cohort(folder)
    _run(host, folder, "train", *SETTINGS)
    started = time.monotonic()
    _run(host, folder, "eval", *SETTINGS)
    return folder, time.monotonic() - started


@pytest.fixture
def cohort(evaluated, tmp_path):
    folder = tmp_path / "cohort"
    shutil.copytree(evaluated[0], folder)
    return folder


def _digests(folder, names=(*EVALUATED, "predictions.parquet")):
    run = folder / "run"
    return {name: sha256_of_file(run / name) for name in names if (run / name).is_file()}


def _without_dates(folder):
    """What is the same however often it is made: the page has the time of the results."""
    return {name: sha for name, sha in _digests(folder).items() if name != "report.html"}


def _check_all_or_nothing(folder, whole):
    """Nothing in a run is torn, and what is shown of it is of one evaluation."""
    found = _without_dates(folder)
    assert found.items() <= whole.items()
    if (folder / "run" / "report.html").is_file():
        assert (folder / "run" / "report.html").read_text().rstrip().endswith("</html>")
        assert "results.json" in found
    if set(found) >= {"results.json", "predictions.parquet"}:
        PageSource.read(folder / "run")
    else:
        with pytest.raises(EvalError, match="run `mmfeat eval`"):
            PageSource.read(folder / "run")
    if "references.json" in found:
        References.load(folder / "run")
    SavedCalibration.read(folder / "run")


def test_an_evaluation_that_is_killed_leaves_one_evaluation_or_none(host, cohort, evaluated):
    draw, whole = random.Random(0), _without_dates(cohort)
    for part in range(3):
        program = host.start("eval", *SETTINGS, folder=cohort)
        time.sleep((part + draw.random()) / 3 * evaluated[1])
        program.send(signal.SIGKILL)
        program.wait(_PATIENCE_S)
        _check_all_or_nothing(cohort, whole)
    _run(host, cohort, "eval", *SETTINGS)
    assert _without_dates(cohort) == whole
    assert not list((cohort / "run").rglob(".*partial*"))


def test_an_evaluation_that_is_stopped_ends_with_75_and_the_same_command_ends_it(
    host, cohort, evaluated
):
    draw, whole = random.Random(1), _without_dates(cohort)
    codes = []
    for number in range(3):
        program = host.start("eval", *SETTINGS, folder=cohort)
        while not program.is_listening():
            assert program.is_running()
            time.sleep(0.001)
        time.sleep(draw.uniform(0, 0.7 * evaluated[1]))
        for _ in range(1 + number % 2):
            program.send((signal.SIGINT, signal.SIGTERM)[number % 2])
            time.sleep(0.05)
        ended = program.wait(_PATIENCE_S)
        assert "Traceback" not in ended.err
        codes.append(ended.code)
        _check_all_or_nothing(cohort, whole)
    assert set(codes) <= {0, 75}
    assert 75 in codes
    _run(host, cohort, "eval", *SETTINGS)
    assert _without_dates(cohort) == whole


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_an_export_is_there_whole_or_not_at_all(host, cohort, number):
    draw = random.Random(number)
    for _ in range(3):
        program = host.start("export", "run", "model", folder=cohort)
        if number != signal.SIGKILL:
            while not program.is_listening() and program.is_running():
                time.sleep(0.001)
        time.sleep(draw.uniform(0, 0.4))
        program.send(number)
        ended = program.wait(_PATIENCE_S)
        if (cohort / "model").is_dir():
            RunModel.open(cohort / "model")
            shutil.rmtree(cohort / "model")
        elif number != signal.SIGKILL:
            assert ended.code == 75, ended.err
            assert not list(cohort.glob(".model.*"))
    _run(host, cohort, "export", "run", "model")
    assert not list(cohort.glob(".model.*"))
    RunModel.open(cohort / "model")


def test_a_report_that_is_stopped_leaves_the_one_from_before(host, cohort):
    (cohort / "run/report.html").write_text("the one from before")
    before = _digests(cohort, ("report.html",))
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
        program = host.start("report", "run", folder=cohort, before=_WAITS_BEFORE_IT_MOVES)
        while not (cohort / "written").exists() and program.is_running():
            time.sleep(0.001)
        program.send(number)
        assert program.wait(_PATIENCE_S).code == (-9 if number == signal.SIGKILL else 75)
        assert _digests(cohort, ("report.html",)) == before
        (cohort / "written").unlink()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_predictions_are_there_whole_or_not_at_all(host, cohort, number):
    draw = random.Random(number)
    pd.read_csv(cohort / "manifest.csv", dtype=str).assign(
        case_id=lambda frame: "new-" + frame["case_id"],
        patient_id=lambda frame: "new-" + frame["patient_id"],
    ).to_csv(cohort / "new.csv", index=False)
    command = ("predict", "run", "--manifest=new.csv", "--output=new.parquet", "--overwrite")
    started = time.monotonic()
    ended = host.start(*command, folder=cohort).wait(_PATIENCE_S)
    assert ended.code in (0, 3), ended.err
    latest_s, whole = time.monotonic() - started, sha256_of_file(cohort / "new.parquet")
    for _ in range(3):
        program = host.start(*command, folder=cohort)
        time.sleep(draw.uniform(0, latest_s))
        program.send(number)
        program.wait(_PATIENCE_S)
        assert sha256_of_file(cohort / "new.parquet") == whole
        provenance = cohort / "new.parquet.json"
        if provenance.is_file():
            assert json.loads(provenance.read_text())["table_sha256"] == whole
