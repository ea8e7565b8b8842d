"""Results of groups: those of their cases alone; gaps on the same resamples, with Holm's p."""

import numpy as np
import pytest

from mmfeat.metrics.holm import holm
from mmfeat.report import ResultOptions, read_views
from mmfeat.report.groupings import by_bands, by_text
from mmfeat.report.scored_cases import joined
from mmfeat.report.subgroups import subgroups_block, too_few
from mmfeat.report.summary import summarise

KINDS = {"cancer": "binary", "stage": "multiclass", "findings": "multilabel"}
OPTIONS = ResultOptions(n_resamples=100)


@pytest.fixture(scope="module")
def natural(made_predictions):
    """For each target the predictions of every case with what it has, by method."""
    frame, _ = made_predictions(n_patients=90, targets=tuple(KINDS), methods=("mmfeat", "average"))
    views = read_views(frame, KINDS)
    return {
        target: {
            method: joined(
                [
                    cases
                    for view, cases in views.items()
                    if (view.target, view.method, view.regime) == (target, method, "natural")
                ]
            ).labelled()
            for method in ("mmfeat", "average")
        }
        for target in KINDS
    }


def _sexes(cases):
    texts = ["F" if int(name[-1]) % 2 else "M" for name in cases.patient_ids]
    return by_text("sex", "column `sex`", texts)


@pytest.mark.parametrize("target", list(KINDS))
def test_a_group_has_the_value_that_its_cases_have(natural, target):
    cases = natural[target]["mmfeat"]
    grouping = _sexes(cases)
    found = subgroups_block(natural[target], [grouping], least=2, options=OPTIONS)
    assert (found["least"], found["method"]) == (2, "mmfeat")
    (block,) = found["groupings"]
    assert [entry["group"] for entry in block["groups"]] == ["F", "M"]
    for entry in block["groups"]:
        part = cases.take(grouping.group_of == entry["group"])
        expected = summarise(part, OPTIONS)
        auroc = entry["metrics"]["auroc"]
        assert auroc["point"] == pytest.approx(expected["metrics"]["auroc"]["point"])
        assert auroc["low"] < auroc["point"] < auroc["high"]
        for key in ("n", "n_patients", "n_positive"):
            assert entry[key] == expected[key]
        assert auroc["n_patients"] == expected["n_patients"]
        gaps = np.nanmean(part.labels - part.probabilities, axis=0)
        outputs = entry.get("outputs", {"": entry["metrics"]})
        errors = [one["observed_minus_predicted"]["point"] for one in outputs.values()]
        assert errors == pytest.approx(gaps.tolist())
        other = natural[target]["average"].take(grouping.group_of == entry["group"])
        assert entry["by_method"]["average"]["auroc"]["point"] == pytest.approx(
            summarise(other, OPTIONS)["metrics"]["auroc"]["point"]
        )


def test_gaps_are_to_the_largest_group_and_corrected_over_all_groupings(natural):
    cases = natural["cancer"]["mmfeat"]
    numbers = np.arange(len(cases)) % 7
    groupings = [_sexes(cases), by_bands("week", "column `day`", numbers, [1, 4])]
    found = subgroups_block(natural["cancer"], groupings, least=2, options=OPTIONS)
    gaps = [gap for block in found["groupings"] for gap in block["gaps"]]
    assert len(gaps) == 3
    for block in found["groupings"]:
        sizes = {entry["group"]: entry["n"] for entry in block["groups"]}
        assert sizes[block["reference"]] == max(sizes.values())
        values = {entry["group"]: entry["metrics"]["auroc"]["point"] for entry in block["groups"]}
        for gap in block["gaps"]:
            assert gap["minus_group"] == block["reference"]
            expected = values[gap["group"]] - values[gap["minus_group"]]
            assert gap["metrics"]["auroc"]["point"] == pytest.approx(expected)
    p = [gap["metrics"]["auroc"]["p"] for gap in gaps]
    assert [gap["metrics"]["auroc"]["p_holm"] for gap in gaps] == pytest.approx(holm(p))


def test_a_small_group_is_counted_and_not_judged(natural):
    cases = natural["cancer"]["mmfeat"]
    texts = ["rare" if row < 8 else "common" for row in range(len(cases))]
    found = subgroups_block(
        natural["cancer"], [by_text("kind", "column `kind`", texts)], least=10, options=OPTIONS
    )
    (block,) = found["groupings"]
    common, rare = block["groups"]
    assert rare["n"] == 8
    assert rare["metrics"] is rare["by_method"] is None
    assert rare["suppressed"].endswith("fewer than 10")
    assert common["metrics"]["auroc"]["point"] is not None
    assert block["gaps"] == []
    assert block["reason"] == "fewer than two groups are large enough to be compared"


def test_one_group_and_no_groupings_say_so(natural):
    cases = natural["cancer"]["mmfeat"]
    one = by_text("site", "column `site`", ["here"] * len(cases))
    found = subgroups_block(natural["cancer"], [one], least=2, options=OPTIONS)
    assert found["groupings"][0]["reason"] == "all cases are in one group"
    empty = subgroups_block(natural["cancer"], [], least=2, options=OPTIONS)
    assert empty == {"reason": "no groups: name some under eval.subgroups"}


def test_too_few_counts_what_the_kind_needs(natural):
    cases = natural["cancer"]["mmfeat"]
    n_positive = int(cases.labels.sum())
    assert too_few(cases, n_positive) is None
    assert too_few(cases, n_positive + 1) == (
        f"{n_positive} positive cases, fewer than {n_positive + 1}"
    )
    assert "of `I`" in too_few(natural["stage"]["mmfeat"], 1000)
