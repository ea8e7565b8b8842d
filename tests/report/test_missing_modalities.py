"""Curves of cases that lose a modality: between what is simulated with and without it."""

import numpy as np
import pytest

from mmfeat.metrics.robustness import effective_robustness, relative_robustness
from mmfeat.report import ResultOptions, read_views
from mmfeat.report.headline import headline_of
from mmfeat.report.missing_cells_figure import draw_missing_modalities
from mmfeat.report.missing_modalities import losing_order, missing_modalities_block
from mmfeat.report.summary import summarise

KINDS = {"cancer": "binary", "stage": "multiclass", "findings": "multilabel"}
OPTIONS = ResultOptions(n_resamples=100)
SHARES = [0.5, 1.0]


@pytest.fixture(scope="module")
def views(made_predictions):
    """Predictions of three kinds of targets by a method and by late fusion."""
    frame, _ = made_predictions(n_patients=60, targets=tuple(KINDS), methods=("mmfeat", "average"))
    return read_views(frame, KINDS)


def _block(views, target, shares=SHARES, modalities=("ct", "clinical")):
    of_target = {view: cases for view, cases in views.items() if view.target == target}
    return missing_modalities_block(
        of_target, modalities=modalities, shares=shares, options=OPTIONS
    )


@pytest.mark.parametrize("target", list(KINDS))
def test_a_curve_runs_from_everything_to_what_is_seen_without(views, target):
    found = _block(views, target)
    assert found["reference"] == "average"
    simulated = {
        (view.method, view.availability): cases
        for view, cases in views.items()
        if (view.target, view.regime) == (target, "simulated")
    }
    full = simulated["mmfeat", "ct+clinical"]
    for lost, left in (("ct", "clinical"), ("clinical", "ct")):
        of_modality = found["lost"][lost]
        points = of_modality["methods"]["mmfeat"]["points"]
        assert [point["share"] for point in points] == [0.0, *SHARES]
        alone = simulated["mmfeat", left]
        complete = alone.take(np.isin(alone.case_ids, full.case_ids))
        for point, cases in ((points[0], full), (points[2], complete)):
            expected = summarise(cases, OPTIONS)["metrics"]["auroc"]
            assert point["metrics"]["auroc"] == pytest.approx(expected)
        assert points[2]["lost"] == 1.0
        assert points[1]["lost"] == pytest.approx(0.5, abs=1 / of_modality["n"])
        assert "minus_complete" not in points[0]
        change = points[2]["minus_complete"]["auroc"]["point"]
        assert change == pytest.approx(
            points[2]["metrics"]["auroc"]["point"] - points[0]["metrics"]["auroc"]["point"]
        )


def test_robustness_follows_from_the_points(views):
    methods = _block(views, "cancer")["lost"]["ct"]["methods"]
    heights = {
        name: [point["metrics"]["auroc"]["point"] for point in one["points"]]
        for name, one in methods.items()
    }
    grid = [0.0, *SHARES]
    for name, one in methods.items():
        assert one["relative"]["point"] == pytest.approx(relative_robustness(grid, heights[name]))
        assert one["relative"]["low"] < one["relative"]["point"] < one["relative"]["high"]
        assert "p" not in one["relative"]
    expected = effective_robustness(grid, heights["mmfeat"], heights["average"])
    effective = methods["mmfeat"]["effective"]
    assert effective["point"] == pytest.approx(expected)
    assert effective["low"] < expected < effective["high"]
    assert methods["average"]["effective"]["reason"].startswith("this is the method that others")


def test_without_late_fusion_there_is_no_effective_robustness(views):
    others = {view: cases for view, cases in views.items() if view.method == "mmfeat"}
    found = _block(others, "cancer")
    assert found["reference"] is None
    effective = found["lost"]["ct"]["methods"]["mmfeat"]["effective"]
    assert effective["point"] is None
    assert effective["reason"] == "the method `average` was not trained on these cases"


def test_who_loses_it_stays_without_and_hangs_on_nothing_but_the_id():
    ids = [f"c{number}" for number in range(50)]
    order = dict(zip(ids, losing_order(ids, "0 ct"), strict=True))
    assert sorted(order.values()) == pytest.approx(np.arange(50) / 50)
    backwards = losing_order(ids[::-1], "0 ct")
    assert backwards[::-1].tolist() == list(order.values())
    assert losing_order(ids, "1 ct").tolist() != list(order.values())


def test_what_cannot_be_made_says_why(views):
    assert "`ct` is the only modality" in _block(views, "cancer", modalities=("ct",))["reason"]
    assert "switched off" in _block(views, "cancer", shares=[])["reason"]
    alone = {view: cases for view, cases in views.items() if "+" not in view.availability}
    assert "no case of a test part has a label and all of" in _block(alone, "cancer")["reason"]


def test_the_figure_is_reproducible(views, tmp_path):
    for name in ("one.png", "two.png"):
        draw_missing_modalities(
            tmp_path / name, "cancer", _block(views, "cancer"), headline_of("binary")
        )
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
