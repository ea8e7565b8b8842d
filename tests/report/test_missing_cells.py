"""Curves of records with gaps, for every kind of target: values, words of what is undefined."""

import pandas as pd
import pytest

from mmfeat.progress import Silent
from mmfeat.report import ResultOptions, missing_cells_results, read_views
from mmfeat.report.headline import headline_of
from mmfeat.report.missing_cells_figure import draw_missing_cells
from mmfeat.report.summary import summarise

KINDS = {"cancer": "binary", "stage": "multiclass", "findings": "multilabel"}
OPTIONS = ResultOptions(n_resamples=100)


@pytest.fixture(scope="module")
def frames(made_predictions):
    """Predictions, and the same of the record alone as if cells were hidden at 40 %."""
    whole, _ = made_predictions(n_patients=60, targets=tuple(KINDS), methods=("mmfeat",))
    part = whole.query("regime == 'simulated' and availability == 'clinical'")
    points = [
        part.assign(
            modality="clinical",
            order="random",
            seen="alone",
            share=share,
            n_known=5,
            n_hidden=n_hidden,
        )
        for share, n_hidden in ((0.0, 0), (0.4, 2))
    ]
    points[1]["prediction"] = 1 - points[1]["prediction"]
    return whole, pd.concat(points, ignore_index=True)


def _results(frame):
    return missing_cells_results(
        frame, pd.DataFrame(), kinds=KINDS, options=OPTIONS, progress=Silent()
    )


def test_each_kind_of_target_has_the_auroc_that_the_other_results_have(frames):
    whole, gappy = frames
    found, views = _results(gappy), read_views(whole, KINDS)
    assert list(found) == list(KINDS)
    for view, cases in views.items():
        if view.regime == "simulated" and view.availability == "clinical":
            (first, second) = found[view.target]["clinical"]["methods"]["mmfeat"]["alone"]
            expected = summarise(cases, OPTIONS)
            assert first["metrics"]["auroc"] == pytest.approx(expected["metrics"]["auroc"])
            assert found[view.target]["clinical"]["n"] == expected["n"]
            assert (first["hidden"], second["hidden"]) == (0.0, 0.4)
            turned = 1 - 2 * first["metrics"]["auroc"]["point"]
            assert second["minus_complete"]["auroc"]["point"] == pytest.approx(turned)


def test_nothing_hidden_gives_nothing():
    assert _results(pd.DataFrame()) == {}


def test_figures_are_reproducible_and_show_what_is_undefined(frames, tmp_path):
    found = _results(frames[1].query("target == 'cancer'"))
    headline = headline_of("binary")
    for name in ("one.png", "two.png"):
        of_cancer = found["cancer"]
        draw_missing_cells(tmp_path / name, "cancer", of_cancer, ["ct", "clinical"], headline)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    undefined = _results(frames[1].query("target == 'cancer'").assign(label=1.0))
    (point, _) = undefined["cancer"]["clinical"]["methods"]["mmfeat"]["alone"]
    assert point["metrics"]["auroc"]["reason"] == "no fold has both positive and negative cases"
    draw_missing_cells(tmp_path / "no.png", "cancer", undefined["cancer"], ["clinical"], headline)
    assert (tmp_path / "no.png").read_bytes().startswith(b"\x89PNG")
