"""Results: every number against scikit-learn on rows picked by hand from the table."""

import json

import numpy as np
import pytest
from sklearn import metrics as sk

from mmfeat.errors import EvalError
from mmfeat.progress import Silent
from mmfeat.report import ResultOptions, build_results
from mmfeat.report.results import sorted_availabilities

KINDS = {
    "cancer": "binary",
    "stage": "multiclass",
    "findings": "multilabel",
    "survival": "time_to_event",
}


def _build(frame, true_risk=None, **changes):
    options = {
        "kinds": KINDS,
        "methods": ["mmfeat", "logistic", "average"],
        "modalities": ["ct", "clinical"],
        "options": ResultOptions(n_resamples=200),
        "true_risk": true_risk or {},
        "progress": Silent(),
    } | changes
    return build_results(frame, **options)


def _rows(frame, target="cancer", method="mmfeat", regime="simulated", availability=None):
    part = frame[(frame.target == target) & (frame.method == method) & (frame.regime == regime)]
    part = part if availability is None else part[part.availability == availability]
    return part.set_index("case_id").sort_index()


def _auroc(rows, scores=None):
    """scikit-learn's AUROC of each fold, weighted by its pairs of positive and negative."""
    rows = rows.assign(score=rows.prediction if scores is None else scores)
    aurocs, pairs = [], []
    for _, part in rows.groupby("fold"):
        aurocs.append(sk.roc_auc_score(part.label, part.score))
        pairs.append((part.label == 1).sum() * (part.label == 0).sum())
    return np.average(aurocs, weights=pairs)


@pytest.fixture(scope="module")
def made(made_predictions):
    return made_predictions(targets=("cancer", "stage", "findings"))


@pytest.fixture(scope="module")
def results(made):
    frame, risk = made
    return _build(frame, {"cancer": risk})


def test_they_are_plain_values(results):
    assert json.loads(json.dumps(results, allow_nan=False)) == results
    assert list(results["targets"]) == ["cancer", "stage", "findings"]
    assert results["default_method"] == "mmfeat"
    assert results["intervals"]["resamples"] == 200


def test_simulated_and_natural_are_kept_apart_and_counted(made, results):
    frame, _ = made
    entries = results["targets"]["cancer"]["methods"]["logistic"]
    for name in ("ct+clinical", "ct", "clinical"):
        rows = _rows(frame, method="logistic", availability=name)
        entry = entries["simulated"][name]
        assert (entry["n"], entry["n_patients"]) == (len(rows), rows.patient_id.nunique())
        assert entry["n_positive"] == rows.label.sum()
        assert entry["prevalence"] == pytest.approx(rows.label.mean())
        auroc = entry["metrics"]["auroc"]
        assert auroc["point"] == pytest.approx(_auroc(rows))
        assert auroc["low"] < auroc["point"] < auroc["high"]
        natural = _rows(frame, method="logistic", regime="natural", availability=name)
        assert entries["natural_by_availability"][name]["n"] == len(natural)
    everyone = _rows(frame, method="logistic", regime="natural")
    assert (
        entries["natural"]["n"]
        == len(everyone)
        == frame[frame.regime == "natural"].case_id.nunique()
    )
    assert entries["natural"]["metrics"]["brier"]["point"] == pytest.approx(
        sk.brier_score_loss(everyone.label, everyone.prediction)
    )


def test_auroc_by_fold_is_that_of_each_fold(made, results):
    rows = _rows(made[0], availability="ct")
    by_fold = results["targets"]["cancer"]["methods"]["mmfeat"]["simulated"]["ct"]["auroc_by_fold"]
    expected = {
        str(fold): sk.roc_auc_score(part.label, part.prediction)
        for fold, part in rows.groupby("fold")
    }
    assert by_fold["folds"] == pytest.approx(expected)
    assert by_fold["mean"] == pytest.approx(np.mean(list(expected.values())))
    assert by_fold["sd"] == pytest.approx(np.std(list(expected.values()), ddof=1))


def test_complete_cases_are_the_same_for_every_availability(made, results):
    frame, _ = made
    block = results["targets"]["cancer"]["complete_cases"]
    full = _rows(frame, availability="ct+clinical")
    assert block["n"] == len(full)
    alone = _rows(frame, availability="ct").loc[full.index]
    estimate = block["methods"]["mmfeat"]["ct"]["metrics"]["auroc"]
    assert estimate["n"] == len(full)
    assert estimate["point"] == pytest.approx(_auroc(alone))


def test_differences_are_fused_against_each_modality_and_methods_against_baselines(made, results):
    frame, _ = made
    differences = results["targets"]["cancer"]["complete_cases"]["differences"]
    names = ["method", "availability", "minus_method", "minus_availability"]
    pairs = {tuple(one[name] for name in names): one["metrics"] for one in differences}
    views = ("ct+clinical", "ct", "clinical")
    assert set(pairs) == {
        *(
            (m, "ct+clinical", m, alone)
            for m in ("mmfeat", "logistic", "average")
            for alone in views[1:]
        ),
        *(
            ("mmfeat", name, baseline, name)
            for baseline in ("logistic", "average")
            for name in views
        ),
    }
    full = _rows(frame, availability="ct+clinical")
    alone = _rows(frame, availability="clinical").loc[full.index]
    gain = pairs["mmfeat", "ct+clinical", "mmfeat", "clinical"]["auroc"]
    assert gain["point"] == pytest.approx(_auroc(full) - _auroc(alone))
    assert gain["low"] < gain["point"] < gain["high"]
    assert 0 < gain["p"] <= 1


def test_the_ceiling_is_the_auroc_of_the_true_risk_on_the_same_cases(made, results):
    frame, risk = made
    full = _rows(frame, availability="ct+clinical")
    reached = _auroc(full, [risk[case] for case in full.index])
    ceiling = results["targets"]["cancer"]["ceiling"]
    assert ceiling["auroc"]["point"] == pytest.approx(reached)
    assert ceiling["above_model"]["point"] == pytest.approx(reached - _auroc(full))
    assert results["targets"]["stage"]["ceiling"] is None


def test_multiclass_and_multilabel_have_means_and_each_output(made, results):
    frame, _ = made
    stage = results["targets"]["stage"]["methods"]["mmfeat"]["simulated"]["ct"]
    aurocs = []
    for output in ("I", "II", "III"):
        rows = _rows(frame, target="stage", availability="ct")
        rows = rows[rows.output == output]
        aurocs.append(_auroc(rows))
        assert stage["outputs"][output]["auroc"]["point"] == pytest.approx(aurocs[-1])
        assert stage["n_positive"][output] == rows.label.sum()
    assert stage["metrics"]["auroc"]["point"] == pytest.approx(np.mean(aurocs))
    findings = results["targets"]["findings"]["methods"]["mmfeat"]["simulated"]["clinical"]
    rows = _rows(frame, target="findings", availability="clinical")
    rows = rows[(rows.output == "nodule") & rows.label.notna()]
    assert findings["outputs"]["nodule"]["brier"]["point"] == pytest.approx(
        sk.brier_score_loss(rows.label, rows.prediction)
    )
    assert findings["outputs"]["nodule"]["brier"]["n"] == len(rows)
    assert findings["n_without_label"] > 0


def test_cases_without_a_label_are_not_counted(made):
    frame = made[0].copy()
    frame = frame[frame.target == "cancer"]
    unknown = sorted(frame.case_id.unique())[:20]
    frame.loc[frame.case_id.isin(unknown), "label"] = np.nan
    entry = _build(frame)["targets"]["cancer"]["methods"]["mmfeat"]["natural"]
    assert entry["n_without_label"] == 20
    assert entry["n"] == frame.case_id.nunique() - 20


def test_one_class_only_is_null_with_a_reason(made):
    frame = made[0].query("target == 'cancer'").assign(label=0.0)
    of_target = _build(frame, {"cancer": made[1]})["targets"]["cancer"]
    entry = of_target["methods"]["mmfeat"]["simulated"]["ct"]
    assert entry["metrics"]["auroc"]["point"] is None
    assert entry["metrics"]["auroc"]["reason"] == f"all {entry['n']} cases are negative"
    assert entry["metrics"]["brier"]["point"] is not None
    assert entry["auroc_by_fold"]["mean"] is None
    assert entry["auroc_by_fold"]["n_undefined"] == 5
    assert of_target["ceiling"]["above_model"]["point"] is None


def test_without_complete_cases_there_is_a_reason_instead_of_a_comparison(made):
    frame = made[0].query("target == 'cancer' and availability != 'ct+clinical'")
    of_target = _build(frame, {"cancer": made[1]})["targets"]["cancer"]
    assert of_target["complete_cases"] == {
        "n": 0,
        "reason": "no case of a test part has a label and all of ct, clinical",
    }
    assert of_target["ceiling"] is None
    assert of_target["availabilities"] == ["ct", "clinical"]


def test_one_modality_alone_needs_no_comparison_of_availabilities(made):
    frame = made[0].query("target == 'cancer' and availability == 'ct'")
    block = _build(frame, modalities=["ct"])["targets"]["cancer"]["complete_cases"]
    assert {one["availability"] for one in block["differences"]} == {"ct"}
    assert {one["minus_method"] for one in block["differences"]} == {"logistic", "average"}


def test_a_method_that_lacks_a_case_is_named(made):
    frame = made[0].query("target == 'cancer'")
    case = _rows(frame, availability="ct+clinical").index[0]
    with pytest.raises(EvalError, match=f"`logistic` has no prediction .* 1 cases .*{case}"):
        _build(frame[~((frame.case_id == case) & (frame.method == "logistic"))])


def test_a_true_risk_that_lacks_a_case_is_named(made):
    frame, risk = made
    case = _rows(frame, availability="ct+clinical").index[3]
    with pytest.raises(EvalError, match=f"no row for 1 cases .*{case}"):
        _build(frame, {"cancer": {name: value for name, value in risk.items() if name != case}})


def test_methods_that_the_settings_no_longer_name_come_last(made):
    frame = made[0].query("target == 'cancer'")
    assert _build(frame, methods=["average", "mmfeat"])["methods"] == [
        "average",
        "mmfeat",
        "logistic",
    ]


def test_three_modalities_have_every_pattern_in_order():
    names = ["c", "a+c", "b", "a+b+c", "a", "b+c", "a+b"]
    expected = ["a+b+c", "a+b", "a+c", "b+c", "a", "b", "c"]
    assert sorted_availabilities(names, ["a", "b", "c"]) == expected


def test_the_same_table_gives_the_same_results_whatever_its_order(made, results):
    frame, risk = made
    target = frame.target == "cancer"
    shuffled = frame[target].sample(frac=1, random_state=1)
    again = _build(shuffled, {"cancer": risk}, methods=["mmfeat", "logistic", "average"])
    ours, expected = again["targets"]["cancer"], results["targets"]["cancer"]
    assert ours["verdict"]["p_holm"] == ours["verdict"]["p"]  # of one target, not of three
    of_one = {"p_holm": ours["verdict"]["p"]}
    assert ours == expected | {"verdict": expected["verdict"] | of_one}
