"""What the screen warns of: the largest gap, and gaps that tell."""

import pytest
from mmfeat.cli.caution_sentences import caution_sentences

ESTIMATE = {"point": 0.62, "low": 0.55, "high": 0.69}


def _gap(group, point, p_holm=0.04):
    size = {"point": point, "low": point - 0.1, "high": point + 0.1, "p_holm": p_holm}
    return {"group": group, "minus_group": "F", "metrics": {"auroc": size}}


def _target(predicts, *gaps):
    return {
        "kind": "binary",
        "missingness": {"predicts": predicts, "metrics": {"auroc": ESTIMATE}},
        "subgroups": {"groupings": [{"name": "sex", "gaps": list(gaps)}]},
    }


@pytest.mark.parametrize(
    ("predicts", "said"),
    [
        (
            True,
            [
                "what is missing predicts it by itself (AUROC 0.620 [0.550, 0.690]): gaps are not "
                "at random"
            ],
        ),
        (False, ["what is missing does not predict it by itself (AUROC 0.620 [0.550, 0.690])"]),
        (None, []),
    ],
)
def test_missingness_is_said_only_where_it_is_known(predicts, said):
    assert caution_sentences(_target(predicts)) == said


def test_the_largest_gap_either_way_is_shown_with_its_corrected_p():
    found = caution_sentences(_target(None, _gap("M", 0.05), _gap("unknown", -0.12, 0.0004)))
    assert found == [
        "the largest gap of 2 between groups is sex, `unknown` against `F`: AUROC -0.120 [-0.220, "
        "-0.020], p < 0.001 (Holm)"
    ]


def test_undefined_gaps_and_older_results_are_no_reason_to_stop():
    undefined = {
        "group": "M",
        "minus_group": "F",
        "metrics": {"auroc": {"point": None, "low": None, "high": None, "p_holm": None}},
    }
    assert caution_sentences(_target(None, undefined)) == []
    assert caution_sentences({"kind": "binary"}) == []
    assert caution_sentences({"kind": "binary", "subgroups": {"reason": "no groups"}}) == []
