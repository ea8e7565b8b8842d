"""Results of numbers and of times to an event, against scikit-learn and scikit-survival."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import mean_absolute_error, r2_score, roc_auc_score
from sksurv.metrics import concordance_index_censored, concordance_index_ipcw
from sksurv.util import Surv

from mmfeat.errors import EvalError
from mmfeat.progress import Silent
from mmfeat.report import ResultOptions, build_results, draw_figures, missing_cells_results
from mmfeat.report.scored_cases import read_views

from .number_predictions import KINDS, MODALITIES, number_predictions

OPTIONS = ResultOptions(n_resamples=100)


@pytest.fixture(scope="module")
def frame():
    return number_predictions()


@pytest.fixture(scope="module")
def results(frame):
    return build_results(
        frame,
        kinds=KINDS,
        methods=["mmfeat", "average"],
        modalities=MODALITIES,
        options=OPTIONS,
        true_risk={},
        progress=Silent(),
    )


def _rows(frame, target, output, seen="ct", method="mmfeat"):
    part = frame[(frame.target == target) & (frame.method == method) & (frame.output == output)]
    return part[(part.regime == "simulated") & (part.availability == seen)]


def test_they_are_plain_values_with_the_metric_that_comes_first(results):
    assert json.loads(json.dumps(results, allow_nan=False)) == results
    assert results["targets"]["size"]["headline"] == "r2"
    assert results["targets"]["death"]["headline"] == "c_index"
    assert results["targets"]["death"]["outputs"] == ["by 12", "by 24"]


def test_a_number_has_the_metrics_of_scikit_learn_and_its_range(frame, results):
    entry = results["targets"]["size"]["methods"]["mmfeat"]["simulated"]["ct"]
    rows = _rows(frame, "size", "ml")
    found = {name: one["point"] for name, one in entry["metrics"].items()}
    assert found["r2"] == pytest.approx(r2_score(rows.label, rows.prediction))
    assert found["mae"] == pytest.approx(mean_absolute_error(rows.label, rows.prediction))
    assert entry["metrics"]["mae"]["low"] < found["mae"] < entry["metrics"]["mae"]["high"]
    assert (entry["n"], entry["lowest"]) == (60, pytest.approx(rows.label.min()))
    of_fold = rows[rows.fold == 1]
    assert entry["r2_by_fold"]["folds"]["1"] == pytest.approx(
        r2_score(of_fold.label, of_fold.prediction)
    )


def test_a_time_has_harrells_c_within_folds_and_an_auroc_at_each_horizon(frame, results):
    entry = results["targets"]["death"]["methods"]["mmfeat"]["simulated"]["ct"]
    rows = _rows(frame, "death", "risk")
    of_fold = rows[rows.fold == 2]
    expected = concordance_index_censored(
        of_fold.label > 0, of_fold.label.abs(), of_fold.prediction
    )[0]
    assert entry["c_index_by_fold"]["folds"]["2"] == pytest.approx(expected)
    at_horizon = _rows(frame, "death", "by 12")
    known = at_horizon[at_horizon.label.notna() & (at_horizon.fold == 0)]
    area = roc_auc_score(known.label, known.prediction)
    assert 0 < area < 1
    estimate = entry["outputs"]["by 12"]["auroc"]
    assert estimate["n"] == at_horizon.label.notna().sum() < 60
    assert entry["n_events"] == (rows.label > 0).sum()
    assert entry["n_positive"]["by 24"] == (_rows(frame, "death", "by 24").label == 1).sum()


def test_a_time_has_unos_c_with_the_censoring_of_its_own_cases(frame, results):
    entry = results["targets"]["death"]["methods"]["mmfeat"]["simulated"]["ct"]
    assert {"auroc_td", "brier_ipcw"} <= set(entry["outputs"]["by 12"])
    one_fold = build_results(
        frame[frame.target == "death"].assign(fold=0),
        kinds=KINDS,
        methods=["mmfeat"],
        modalities=MODALITIES,
        options=OPTIONS,
        true_risk={},
        progress=Silent(),
    )
    found = one_fold["targets"]["death"]["methods"]["mmfeat"]["simulated"]["ct"]["metrics"]
    rows = _rows(frame, "death", "risk")
    outcome = Surv.from_arrays(rows.label > 0, rows.label.abs())
    expected = concordance_index_ipcw(outcome, outcome, rows.prediction.to_numpy(), tau=24)[0]
    assert found["uno_c"]["point"] == pytest.approx(expected, abs=1e-9)
    assert found["uno_c"]["low"] < found["uno_c"]["point"] < found["uno_c"]["high"]


def test_methods_and_availabilities_are_compared_by_what_comes_first(results):
    for target, metric in (("size", "r2"), ("death", "c_index")):
        block = results["targets"][target]["complete_cases"]
        point = {
            seen: block["methods"]["mmfeat"][seen]["metrics"][metric]["point"]
            for seen in ("ct+clinical", "ct")
        }
        first = block["differences"][0]["metrics"][metric]
        assert first["point"] == pytest.approx(point["ct+clinical"] - point["ct"])


def test_figures_are_drawn_of_numbers_and_of_the_risk_until_each_horizon(frame, results, tmp_path):
    views = read_views(frame, KINDS)
    files = draw_figures(tmp_path, results, views, true_risk={})
    assert files == {
        "size": ["predicted-size.png"],
        "death": ["roc-death.png", "reliability-death.png"],
    }
    assert all((tmp_path / name).stat().st_size > 5000 for of in files.values() for name in of)


def test_curves_over_missing_cells_show_what_comes_first(frame):
    part = frame[(frame.regime == "simulated") & (frame.availability != "ct")]
    shares = part.availability.map({"ct+clinical": 0.0, "clinical": 0.5})
    gappy = part.assign(
        modality="clinical", seen="alone", order="random", share=shares, n_known=4, n_hidden=2
    )
    curves = missing_cells_results(
        gappy, pd.DataFrame(), kinds=KINDS, options=OPTIONS, progress=Silent()
    )
    for target, metric in (("size", "r2"), ("death", "c_index")):
        whole, half = curves[target]["clinical"]["methods"]["mmfeat"]["alone"]
        change = half["metrics"][metric]["point"] - whole["metrics"][metric]["point"]
        assert half["minus_complete"][metric]["point"] == pytest.approx(change)


@pytest.mark.parametrize(
    ("target", "output", "value"),
    [("size", "ml", np.nan), ("death", "by 12", 1.5), ("death", "risk", np.inf)],
)
def test_predictions_that_cannot_be_are_refused(frame, target, output, value):
    wrong = frame.copy()
    row = wrong.index[(wrong.target == target) & (wrong.output == output)][3]
    wrong.loc[row, "prediction"] = value
    with pytest.raises(EvalError, match=f"1 predictions are not (finite num|proba).*{target}"):
        read_views(wrong, KINDS)
