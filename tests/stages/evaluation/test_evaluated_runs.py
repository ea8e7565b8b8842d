import json

import pytest

from mmfeat.errors import EvalError
from mmfeat.progress import Silent
from mmfeat.report import ResultOptions, build_results
from mmfeat.stages.evaluation.evaluated_runs import compare_folders, read_results, run_names


@pytest.fixture(scope="module")
def write_run(made_predictions):
    """A function that writes what an evaluation leaves of made-up predictions to a folder."""

    def write(folder, methods=("mmfeat", "average")):
        frame, _ = made_predictions(n_patients=50, methods=methods)
        results = build_results(
            frame,
            kinds={"cancer": "binary"},
            methods=methods,
            modalities=["ct", "clinical"],
            options=ResultOptions(n_resamples=100),
            true_risk={},
            progress=Silent(),
        )
        folder.mkdir(parents=True)
        frame.to_parquet(folder / "predictions.parquet", index=False)
        (folder / "results.json").write_text(json.dumps(results | {"versions": {}}))
        return folder

    return write


@pytest.fixture(scope="module")
def folders(tmp_path_factory, write_run):
    root = tmp_path_factory.mktemp("runs")
    return [write_run(root / name / "run") for name in ("first", "second")]


def test_runs_are_read_and_compared_with_the_baseline(folders):
    compared = compare_folders(folders)
    assert compared["baseline"] == "first"
    assert [run["name"] for run in compared["runs"]] == ["first", "second"]
    assert compared["runs"][0]["verdict"]["answer"] in ("yes", "no", "not shown")
    for one in compared["targets"]["cancer"]["differences"]:
        assert one["difference"]["point"] == 0
        assert one["tests"]["p_holm"] == 1
    whole = read_results(folders[0])["targets"]["cancer"]["methods"]["mmfeat"]["natural"]
    board = compared["targets"]["cancer"]["leaderboard"]
    (row,) = (one for one in board if (one["run"], one["method"]) == ("second", "mmfeat"))
    assert row["values"]["as they come"] == whole["metrics"]["auroc"]


def test_a_baseline_that_is_not_among_them_is_added(folders):
    compared = compare_folders(folders[1:], folders[0])
    assert (compared["baseline"], len(compared["runs"])) == ("first", 2)


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["a/run", "b/run"], ["a", "b"]),
        (["a/x/run", "b/x/run"], ["a/x", "b/x"]),
        (["a/run", "a/other"], ["run", "other"]),
        (["a/run"], ["a"]),
    ],
)
def test_names_are_the_shortest_that_tell_runs_apart(tmp_path, paths, names):
    assert run_names([tmp_path / path for path in paths]) == names


def test_a_run_that_is_named_twice_is_refused(folders):
    with pytest.raises(EvalError, match="run: this run is named twice; name each once"):
        compare_folders([folders[0], folders[0] / ".." / "run"])


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("results.json", None, r"no results\.json there; name the folder of an evaluated run"),
        ("results.json", "{", r"results\.json: cannot be read \(.*\); run `mmfeat eval`"),
        ("results.json", "{}", r"results\.json: lacks `targets`"),
        ("predictions.parquet", None, r"predictions\.parquet: is not there; run"),
        ("predictions.parquet", "no table", r"predictions\.parquet: cannot be read"),
    ],
)
def test_a_folder_that_is_no_evaluated_run_is_one_line(tmp_path, write_run, file, text, message):
    folder = write_run(tmp_path / "run", methods=("average",))
    (folder / file).unlink()
    if text is not None:
        (folder / file).write_text(text)
    with pytest.raises(EvalError, match=message):
        compare_folders([folder])


def test_predictions_of_another_target_are_refused(tmp_path, write_run):
    folder = write_run(tmp_path / "run", methods=("average",))
    results = read_results(folder)
    results["targets"] = {"stage": results["targets"]["cancer"]}
    (folder / "results.json").write_text(json.dumps(results))
    with pytest.raises(EvalError, match=r"has the target `cancer`, which results\.json .* lacks"):
        compare_folders([folder])
