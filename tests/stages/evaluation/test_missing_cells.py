"""Test parts with hidden cells are predicted by the very heads that predict them whole."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from mmfeat.config.loading import load_project
from mmfeat.errors import ConfigError
from mmfeat.metrics import auroc_within_folds
from mmfeat.progress import Silent
from mmfeat.stages.evaluation.evaluate import evaluate
from mmfeat.stages.training.train import train

SHARES = [0.0, 0.5, 0.9]


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory, write_project):
    """A project whose record has three columns, evaluated with cells hidden."""
    file = write_project(tmp_path_factory.mktemp("gaps"))
    frame = pd.read_csv(file.parent / "manifest.csv", dtype=str)
    random = np.random.default_rng(1)
    frame["smoker"] = np.where(frame.age.isna(), "", np.where(random.random(90) < 0.5, "yes", "no"))
    frame["lobe"] = np.where(frame.age.isna(), "", random.choice(["upper", "lower"], 90))
    frame.to_csv(file.parent / "manifest.csv", index=False)
    more = "columns: {smoker: {type: boolean}, lobe: {type: categorical}, "
    text = file.read_text().replace("columns: {", more)
    asked = "missing_cells: [0.5, 0.9], figures: true, "
    text = text.replace("eval: {", f"eval: {{{asked}")
    file.write_text(text.replace(", figures: false", ""))
    project = load_project(file)
    train(project, progress=Silent(), should_stop=lambda: False)
    return project, evaluate(project, progress=Silent())


def _frame(project):
    return pd.read_parquet(project.path(project.settings.train.run) / "missing_cells.parquet")


def test_every_curve_has_a_point_for_nothing_hidden_and_for_each_share(evaluated):
    block = evaluated[1]["targets"]["cancer"]["missing_cells"]
    assert list(block) == ["clinical"]
    assert list(block["clinical"]["methods"]) == ["logistic", "average"]
    for curves in block["clinical"]["methods"].values():
        assert list(curves) == ["everything", "alone"]
        for points in curves.values():
            assert [point["share"] for point in points] == SHARES
            assert "minus_complete" not in points[0]
            assert points[0]["hidden"] == 0.0
            assert points[1]["hidden"] == pytest.approx(0.5, abs=0.03)
            assert points[2]["hidden"] == pytest.approx(2 / 3)  # one of three cells stays
            change = points[2]["minus_complete"]["auroc"]
            whole, gappy = (points[k]["metrics"]["auroc"]["point"] for k in (0, 2))
            assert change["point"] == pytest.approx(gappy - whole)
            assert change["low"] <= change["point"] <= change["high"]


def test_with_nothing_hidden_the_record_alone_is_what_is_simulated(evaluated):
    project, results = evaluated
    of_target = results["targets"]["cancer"]
    for method, curves in of_target["missing_cells"]["clinical"]["methods"].items():
        alone = of_target["methods"][method]["simulated"]["clinical"]
        assert curves["alone"][0]["metrics"]["auroc"] == alone["metrics"]["auroc"]
    views = pd.read_parquet(project.path(project.settings.train.run) / "predictions.parquet")
    keys = ["case_id", "method"]
    natural = views[views.regime == "natural"].set_index(keys).prediction
    whole = _frame(project).query("seen == 'everything' and share == 0").set_index(keys)
    np.testing.assert_allclose(whole.prediction, natural[whole.index], rtol=1e-12)


def test_points_follow_from_the_predictions_on_disk(evaluated):
    project, results = evaluated
    frame = _frame(project)
    curves = results["targets"]["cancer"]["missing_cells"]["clinical"]["methods"]
    random = frame[frame.order == "random"]
    for (method, seen, share), part in random.groupby(["method", "seen", "share"]):
        point = curves[method][seen][SHARES.index(share)]
        assert point["metrics"]["auroc"]["point"] == pytest.approx(
            auroc_within_folds(part.label, part.prediction, part.fold)
        )
        assert part.case_id.is_unique
    manifest = pd.read_csv(project.folder / "manifest.csv").set_index("case_id")
    assert (manifest.age[frame.case_id.unique()].notna()).all()
    assert (frame.n_hidden < frame.n_known).all()


def test_evaluating_again_hides_the_same_cells_and_another_seed_others(evaluated, tmp_path):
    before, (project, results) = _frame(evaluated[0]), evaluated
    copy = shutil.copytree(project.folder, tmp_path / "copy")
    plain = "eval.figures=false"
    again = load_project(copy / "mmfeat.yaml", [plain])
    assert evaluate(again, progress=Silent())["targets"] == results["targets"]
    pd.testing.assert_frame_equal(_frame(again), before)
    other = load_project(copy / "mmfeat.yaml", [plain, "eval.seed=1", "eval.resamples=100"])
    evaluate(other, progress=Silent())
    assert (_frame(other).prediction != before.prediction).any()


def test_an_empty_list_leaves_the_curves_out_and_takes_old_ones_away(evaluated, tmp_path):
    copy = shutil.copytree(evaluated[0].folder, tmp_path / "copy")
    project = load_project(
        copy / "mmfeat.yaml",
        ["eval.missing_cells=[]", "eval.resamples=100", "eval.figures=true"],
    )
    assert (copy / "run" / "missing-cells-cancer.png").exists()
    results = evaluate(project, progress=Silent())
    assert not (copy / "run" / "missing-cells-cancer.png").exists()
    assert results["targets"]["cancer"]["missing_cells"] == {}
    assert not (copy / "run" / "missing_cells.parquet").exists()
    drawn = [name for name in results["figures"]["cancer"] if name.startswith("missing")]
    assert drawn == ["missing-modalities-cancer.png"]


def test_the_figure_is_in_the_run(evaluated):
    project, results = evaluated
    assert results["figures"]["cancer"][-3:] == [
        "missing-modalities-cancer.png",
        "missing-columns-cancer.png",
        "missing-cells-cancer.png",
    ]
    run = project.path(project.settings.train.run)
    assert (run / "missing-cells-cancer.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((run / "results.json").read_text()) == results


@pytest.mark.parametrize("shares", ["[0.5,0.25]", "[0.5,0.5]"])
def test_shares_that_are_out_of_order_are_refused(evaluated, shares):
    with pytest.raises(ConfigError, match="give each share once, from the smallest"):
        load_project(evaluated[0].file, [f"eval.missing_cells={shares}"])


def test_a_share_of_everything_is_refused(evaluated):
    with pytest.raises(ConfigError, match=r"missing_cells\[0\]` must be below 1, got `1\.0`"):
        load_project(evaluated[0].file, ["eval.missing_cells=[1.0]"])
