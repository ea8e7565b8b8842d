"""DeLong's variance, against R's pROC 1.18.0 on measurements of nuclei, and by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer

from mmfeat.metrics import auroc_within_folds
from mmfeat.metrics.delong import DelongAurocs

CASES = st.lists(
    st.tuples(st.booleans(), st.integers(0, 4), st.integers(0, 4)), min_size=4, max_size=25
).filter(lambda cases: 2 <= sum(one[0] for one in cases) <= len(cases) - 2)


@pytest.fixture(scope="module")
def nuclei():
    """The first 200 of scikit-learn's table of breast tumours; two columns rounded, for ties."""
    table = load_breast_cancer(as_frame=True)
    values = table.data.iloc[:200]
    return pd.DataFrame(
        {
            "malignant": 1 - table.target[:200],
            "texture": values["mean texture"].round(0),
            "smoothness": values["mean smoothness"],
            "symmetry": values["mean symmetry"].round(2),
        }
    )


@pytest.fixture(scope="module")
def of_r(nuclei):
    return DelongAurocs(nuclei.malignant, [nuclei.texture, nuclei.smoothness, nuclei.symmetry])


def test_variances_and_intervals_are_those_of_proc(of_r):
    variances = [of_r.auroc(place).se ** 2 for place in range(3)]
    expected = [0.0008571050939767848, 0.0014448322862623, 0.001289140639678308]
    assert variances == pytest.approx(expected, abs=1e-14)
    symmetry = of_r.auroc(2)
    assert (symmetry.low, symmetry.auroc, symmetry.high) == pytest.approx(
        (0.6431699345478143, 0.7135416666666666, 0.7839133987855189), abs=1e-12
    )
    assert (of_r.n_positive, of_r.n_negative, of_r.n_folds) == (104, 96, 1)


@pytest.mark.parametrize(
    ("left", "right", "z", "p", "low", "high"),
    [
        (0, 1, 3.017587430282077, 0.0025479553006019, 0.0544300089904878, 0.2561669461377171),
        (0, 2, 2.161347523971486, 0.0306685044341145, 0.0098643797194713, 0.2018744023318106),
        (2, 1, 1.326910944933983, 0.1845381433936837, -0.0235820147520762, 0.122440187828999),
    ],
)
def test_paired_tests_are_those_of_proc(of_r, left, right, z, p, low, high):
    found = of_r.difference(left, right)
    assert (found.z, found.p) == pytest.approx((z, p), abs=1e-9)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)
    back = of_r.difference(right, left)
    assert (back.z, back.p) == pytest.approx((-z, p), abs=1e-9)


def test_the_variance_by_hand():
    # Shares of negatives below: 2/3, 1, 1 (mean 8/9); of positives above: 1, 1, 2/3.
    found = DelongAurocs([0, 0, 0, 1, 1, 1], [[1, 2, 4, 3, 5, 6]]).auroc(0)
    assert found.auroc == pytest.approx(8 / 9)
    spread = ((2 / 9) ** 2 + 2 * (1 / 9) ** 2) / 2  # of either
    assert found.se**2 == pytest.approx(2 * spread / 3)
    assert found.high == 1.0


def test_the_same_order_is_no_difference(nuclei):
    found = DelongAurocs(nuclei.malignant, [nuclei.symmetry, 2 * nuclei.symmetry + 1]).difference(
        0, 1
    )
    assert (found.difference, found.se, found.z, found.p) == (0, 0, 0, 1)


@given(CASES, st.integers(0, 99))
def test_aurocs_are_those_within_folds(cases, seed):
    labels, left, right = (np.array(column, float) for column in zip(*cases, strict=True))
    folds = np.arange(len(labels)) % 2 if seed % 2 else np.zeros(len(labels))
    try:
        found = DelongAurocs(labels, [left, right], folds=folds)
    except ValueError:
        return
    for place, scores in enumerate((left, right)):
        expected = auroc_within_folds(labels, scores, folds)
        assert found.auroc(place).auroc == pytest.approx(expected)


def test_folds_are_strata(nuclei):
    folds = np.arange(200) % 2
    both = DelongAurocs(nuclei.malignant, [nuclei.texture, nuclei.symmetry], folds=folds)
    alone, pairs = [], []
    for fold in (0, 1):
        part = nuclei[folds == fold]
        alone.append(DelongAurocs(part.malignant, [part.texture, part.symmetry]).difference(0, 1))
        pairs.append(part.malignant.sum() * (1 - part.malignant).sum())
    share = np.array(pairs) / sum(pairs)
    found = both.difference(0, 1)
    assert found.difference == pytest.approx(share @ [one.difference for one in alone])
    assert found.se**2 == pytest.approx(share**2 @ [one.se**2 for one in alone])
    assert both.n_folds == 2


def test_cases_written_twice_of_one_patient_say_no_more_than_once(nuclei):
    twice = pd.concat([nuclei, nuclei])
    patients = np.tile(np.arange(200), 2)
    once = DelongAurocs(nuclei.malignant, [nuclei.texture, nuclei.symmetry]).difference(0, 1)
    found = DelongAurocs(
        twice.malignant, [twice.texture, twice.symmetry], patient_ids=patients
    ).difference(0, 1)
    assert (found.z, found.se) == pytest.approx((once.z, once.se))
    ignored = DelongAurocs(twice.malignant, [twice.texture, twice.symmetry]).difference(0, 1)
    assert ignored.se < 0.75 * once.se


def test_patients_with_cases_of_both_classes_by_hand():
    # Obuchowski: patient a has a case of each class, so their shares go up and down together.
    found = DelongAurocs([1, 1, 0, 0], [[2, 4, 1, 3]], patient_ids=["a", "b", "a", "c"]).auroc(0)
    positive, negative = np.array([-1 / 4, 1 / 4, 0]), np.array([1 / 4, 0, -1 / 4])
    expected = 2 * positive @ positive / 4 + 2 * negative @ negative / 4
    expected += 2 * (3 / 2) * positive @ negative / 4
    assert found.auroc == pytest.approx(3 / 4)
    assert found.se**2 == pytest.approx(expected)


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    # AUROC of two normal scores one deviation apart: Phi(1 / sqrt 2) = 0.760.
    random = np.random.default_rng(0)
    labels, covered = np.repeat([0.0, 1.0], 60), 0
    for _ in range(300):
        found = DelongAurocs(labels, [random.normal(labels)]).auroc(0)
        covered += found.low <= 0.76025 <= found.high
    assert 0.91 < covered / 300 < 0.98


@pytest.mark.parametrize(
    ("labels", "folds", "message"),
    [
        ([1, 1, 1, 1], None, "no fold has both"),
        ([1, 0, 0, 0], None, "fewer than two patients"),
        ([1, 1, 0, 0], [0, 0], "folds and patients of 4 cases"),
    ],
)
def test_what_has_no_variance_is_refused(labels, folds, message):
    with pytest.raises(ValueError, match=message):
        DelongAurocs(labels, [[1, 2, 3, 4]], folds=folds)
