import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from mmfeat.fusion.linear_models import streamed_linear
from mmfeat.fusion.linear_models.hazard_regression import HazardFitter
from mmfeat.fusion.linear_models.linear import PENALTIES, choose_and_fit
from mmfeat.fusion.linear_models.linear_problems import EVERY_FOLD, LinearCases
from mmfeat.fusion.linear_models.streamed_linear import choose_and_fit_streamed
from mmfeat.fusion.task import Task, TaskPart
from mmfeat.tabular.row_file import RowFile
from mmfeat.tabular.stored_vectors import StoredVectors

N_CASES = 3000
KINDS = {
    "binary": TaskPart("binary", 1),
    "multiclass": TaskPart("multiclass", 3),
    "regression": TaskPart("regression", 1),
    "hazards": TaskPart("multilabel", 3, hazards=True),
}


def _made_cases(kind, *, width=7):
    random = np.random.default_rng(1)
    mixed = random.standard_normal((N_CASES, width)) @ random.standard_normal((width, width))
    features = ((mixed - mixed.mean(axis=0)) / mixed.std(axis=0)).astype(np.float32)
    score = features[:, :3].sum(axis=1)
    noisy = score + random.logistic(size=N_CASES)
    if kind == "binary":
        labels = (noisy > 2).astype(float)[:, None]
    elif kind == "multiclass":
        labels = np.digitize(noisy, [-1.0, 1.0]).astype(float)[:, None]
    elif kind == "regression":
        labels = noisy[:, None] / 3
    else:
        interval = np.digitize(-noisy, [-1.0, 0.0, 1.0])
        order = np.arange(3)
        labels = (interval[:, None] == order).astype(float)
        labels[interval[:, None] < order] = np.nan
    labels[:5] = np.nan
    return LinearCases(features, labels, random.integers(3, size=N_CASES), KINDS[kind])


def _reference(cases, kind, penalty, rows):
    """Coefficients and intercepts of an outside implementation, or of ours in memory."""
    features, labels = cases.features[rows].astype(np.float64), cases.labels[rows]
    if kind == "hazards":
        model = HazardFitter(features, labels).fit(penalty)
        return model.coefficients, model.intercepts
    if kind == "regression":
        model = Ridge(alpha=1 / penalty).fit(features, labels[:, 0])
        return model.coef_[:, None], np.atleast_1d(model.intercept_)
    model = LogisticRegression(C=penalty, solver="newton-cholesky", tol=1e-12, max_iter=1000)
    model.fit(features, labels[:, 0])
    return model.coef_.T, model.intercept_ - (
        model.intercept_.mean() if kind == "multiclass" else 0.0
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("penalty", [1e-4, 1.0, 100.0])
def test_models_agree_with_those_that_have_all_cases_in_memory(kind, penalty):
    cases = _made_cases(kind)
    chosen = choose_and_fit_streamed(cases, [penalty], worse_before_stop=3)
    known = cases.fits(EVERY_FOLD)
    coefficients, intercepts = _reference(cases, kind, penalty, known)
    close = 1e-3 if kind == "hazards" else 1e-6  # ours of hazards stops early
    np.testing.assert_allclose(chosen.model.coefficients, coefficients, atol=close)
    np.testing.assert_allclose(chosen.model.intercepts, intercepts, atol=close)
    for fold in range(3):
        held_out = cases.folds == fold
        coefficients, intercepts = _reference(cases, kind, penalty, known & ~held_out)
        logits = cases.features[held_out] @ coefficients + intercepts
        np.testing.assert_allclose(chosen.out_of_fold[held_out], logits, atol=10 * close)


@pytest.mark.parametrize("kind", KINDS)
def test_the_penalty_is_the_one_that_is_chosen_in_memory(kind):
    cases = _made_cases(kind)
    streamed = choose_and_fit_streamed(cases, PENALTIES, worse_before_stop=3)
    in_memory = choose_and_fit(cases.features, cases.labels, cases.folds, Task((cases.part,)))
    assert streamed.penalties == in_memory.penalties
    np.testing.assert_allclose(streamed.out_of_fold, in_memory.out_of_fold, atol=0.02)


def test_vectors_in_a_file_are_fitted_without_being_read_whole(tmp_path, monkeypatch):
    cases = _made_cases("binary")
    cases.features.astype(np.float32).tofile(tmp_path / "vectors")
    file = RowFile(tmp_path / "vectors", 0, "<f4", n_rows=N_CASES, width=7)
    stored = StoredVectors.of_rows((file,), np.arange(N_CASES))
    task = Task((cases.part, TaskPart("regression", 1)))
    labels = np.hstack([cases.labels, _made_cases("regression").labels])
    in_memory = choose_and_fit(cases.features, labels, cases.folds, task)
    longest = []
    read = RowFile.read
    monkeypatch.setattr(
        RowFile, "read", lambda self, rows: longest.append(len(rows)) or read(self, rows)
    )
    streamed = choose_and_fit(stored, labels, cases.folds, task)
    assert 0 < max(longest) < N_CASES
    assert streamed.penalties == in_memory.penalties
    np.testing.assert_allclose(streamed.model.coefficients, in_memory.model.coefficients, atol=1e-4)


def test_few_passes_are_enough(monkeypatch):
    passes = []
    evaluate = streamed_linear.evaluate
    monkeypatch.setattr(
        streamed_linear, "evaluate", lambda *asked: passes.append(asked) or evaluate(*asked)
    )
    choose_and_fit_streamed(_made_cases("binary"), PENALTIES, worse_before_stop=3)
    assert len(passes) < 25


def test_a_class_that_no_case_has_keeps_the_logit_of_half_a_case():
    cases = _made_cases("multiclass")
    cases.labels[cases.labels == 2] = 1
    chosen = choose_and_fit_streamed(cases, [1.0], worse_before_stop=3)
    n_known = cases.fits(EVERY_FOLD).sum()
    assert chosen.model.intercepts[2] == pytest.approx(np.log(0.5 / n_known))
    assert not chosen.model.coefficients[:, 2].any()
    assert np.isfinite(chosen.out_of_fold).all()


@pytest.mark.parametrize("kind", ["binary", "multiclass"])
def test_cases_of_one_class_give_a_constant_model(kind):
    cases = _made_cases(kind)
    cases.labels[~np.isnan(cases.labels)] = 1.0
    chosen = choose_and_fit_streamed(cases, [1.0], worse_before_stop=3)
    assert not chosen.model.coefficients.any()
    assert chosen.model.intercepts.argmax() == (1 if kind == "multiclass" else 0)
    assert np.isfinite(chosen.model.intercepts).all()
