"""What missingness says of each kind of target: the tests, the patterns, and the word for it."""

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from mmfeat.metrics import auroc_within_folds
from mmfeat.report import ResultOptions
from mmfeat.report.missingness import missingness_block
from mmfeat.report.scored_cases import ScoredCases

OPTIONS = ResultOptions(n_resamples=200)
N = 120


def _cases(kind, outputs, labels, scores):
    names = np.array([f"c{number:03d}" for number in range(N)], object)
    patients = np.array([f"p{number // 2:03d}" for number in range(N)], object)
    folds = np.arange(N) // 2 % 3
    labels, scores = (np.asarray(one, np.float64).reshape(N, -1) for one in (labels, scores))
    return ScoredCases(kind, outputs, names, patients, folds, scores, labels)


@pytest.fixture(scope="module")
def gaps():
    """Patterns, and a label that follows them."""
    random = np.random.default_rng(0)
    patterns = np.repeat(random.choice(["ct+clinical", "clinical"], N // 2), 2)
    telling = (random.random(N) < np.where(patterns == "clinical", 0.8, 0.2)).astype(float)
    return patterns, telling


def _block(cases, patterns):
    return missingness_block(
        cases,
        patterns,
        predictors=["has ct"],
        incomplete=np.asarray(patterns) == "clinical",
        options=OPTIONS,
    )


def test_a_label_that_follows_the_pattern_is_found(gaps):
    patterns, label = gaps
    label = label.copy()
    label[:4] = np.nan
    scores = np.where(patterns == "clinical", 0.7, 0.3)
    found = _block(_cases("binary", ("1",), label, scores), patterns)
    known = slice(4, N)
    folds = np.arange(N)[known] // 2 % 3
    auroc = found["metrics"]["auroc"]
    assert auroc["point"] == pytest.approx(auroc_within_folds(label[known], scores[known], folds))
    assert found["predicts"] is True
    assert (found["n"], found["no_skill"]) == (N - 4, 0.5)
    (test,) = found["tests"]
    table = [
        [np.sum((patterns[known] == name) & (label[known] == value)) for value in (0, 1)]
        for name in ("clinical", "ct+clinical")
    ]
    assert test["statistic"] == pytest.approx(chi2_contingency(table, correction=False).statistic)
    assert test["p"] == test["p_holm"] < 0.05
    shares = {entry["pattern"]: entry["shares"]["1"] for entry in found["patterns"]}
    assert shares["clinical"] == pytest.approx(label[known][patterns[known] == "clinical"].mean())
    assert [entry["n"] for entry in found["patterns"]] == sorted(map(sum, table), reverse=True)


def test_a_label_that_does_not_is_not_called_predicted(gaps):
    label = np.random.default_rng(5).integers(0, 2, N)
    found = _block(_cases("binary", ("1",), label, np.full(N, 0.5)), gaps[0])
    assert found["metrics"]["auroc"]["point"] == 0.5
    assert found["predicts"] is False


def test_several_outputs_are_tested_apart_and_corrected_together(gaps):
    patterns, label = gaps
    labels = np.stack([label, np.random.default_rng(1).integers(0, 2, N)], axis=1)
    found = _block(_cases("multilabel", ("a", "b"), labels, labels * 0.5 + 0.2), patterns)
    first, second = found["tests"]
    assert [first["output"], second["output"]] == ["a", "b"]
    assert first["p_holm"] == pytest.approx(min(1.0, 2 * first["p"]))
    assert set(found["patterns"][0]["shares"]) == {"a", "b"}


def test_classes_are_one_table_and_numbers_are_ranks(gaps):
    patterns, label = gaps
    classes = np.eye(3)[(label + np.arange(N) % 2).astype(int)]
    found = _block(
        _cases("multiclass", ("I", "II", "III"), classes, np.full((N, 3), 1 / 3)), patterns
    )
    assert found["tests"][0]["degrees_of_freedom"] == 2
    numbers = label * 3 + np.random.default_rng(0).normal(size=N)
    found = _block(_cases("regression", ("days",), numbers, numbers), patterns)
    assert found["tests"][0]["test"] == "Kruskal-Wallis"
    assert found["metrics"]["r2"]["point"] == 1.0
    assert found["patterns"][0].keys() == {"pattern", "n", "mean"}


def test_times_are_tested_by_horizon(gaps):
    patterns, label = gaps
    signed = np.where(label > 0, 5.0, -20.0)
    labels = np.stack([label, signed], axis=1)
    scores = np.stack([label * 0.8 + 0.1, label], axis=1)
    found = _block(_cases("time_to_event", ("by 10", "risk"), labels, scores), patterns)
    assert [test["output"] for test in found["tests"]] == ["by 10"]
    assert found["metrics"]["c_index"]["point"] > 0.9


def test_one_pattern_is_not_tested_and_no_label_says_so(gaps):
    found = _block(_cases("binary", ("1",), gaps[1], gaps[1]), ["ct"] * N)
    assert found["tests"][0]["p"] is None
    assert found["tests"][0]["p_holm"] is None
    assert "same modalities" in found["tests"][0]["reason"]
    unknown = _cases("binary", ("1",), np.full(N, np.nan), gaps[1])
    assert _block(unknown, ["ct"] * N) == {"reason": "no case of a test part has a label"}
