import json

import pytest

from mmfeat.metrics import bootstrap
from mmfeat.report.complete_cases import compare_complete_cases
from mmfeat.report.curves import headline_set
from mmfeat.report.paired_tests import PairedTests
from mmfeat.report.summary import ResultOptions
from mmfeat.report.verdict import no_verdict, over_targets, verdict_of, whole_verdict

from .scored_sets import scored_sets

FULL = "ct+clinical"
USUAL = {
    ("mmfeat", FULL): 0.4,
    ("mmfeat", "ct"): 1.5,
    ("mmfeat", "clinical"): 3.0,
    ("average", FULL): 2.0,
    ("average", "ct"): 4.0,
}


OPTIONS = ResultOptions(n_resamples=200)


def _verdict(noise, **changes):
    sets = scored_sets(noise, **changes)
    found = bootstrap(
        {key: headline_set(cases, 10) for key, cases in sets.items()},
        next(iter(sets.values())).patient_ids,
        n_resamples=200,
        confidence=0.95,
        seed=0,
    )
    tests = PairedTests(sets, found, OPTIONS)
    return verdict_of(
        tests,
        {key: found.estimate(key, tests.headline).to_json() for key in sets},
        fused=next(iter(sets)),
        modalities=["ct", "clinical"],
        kind=changes.get("kind", "binary"),
    )


def _of_complete_cases(noise, modalities=("ct", "clinical"), **changes):
    return compare_complete_cases(
        scored_sets(noise, **changes),
        methods=["mmfeat"],
        availabilities=[FULL, "ct", "clinical"],
        modalities=list(modalities),
        options=OPTIONS,
        true_risk=None,
    )["verdict"]


def test_yes_where_fusion_beats_every_modality_and_the_average():
    verdict = _verdict(USUAL)
    assert json.loads(json.dumps(verdict, allow_nan=False)) == verdict
    assert verdict["answer"] == verdict["single"]["answer"] == verdict["average"]["answer"] == "yes"
    rivals = {(one["method"], one["availability"]) for one in verdict["single"]["against"]}
    assert rivals == {("mmfeat", "ct"), ("mmfeat", "clinical"), ("average", "ct")}
    assert (verdict["method"], verdict["availability"]) == ("mmfeat", FULL)
    best = verdict["single"]["best"]
    assert (best["method"], best["availability"]) == ("mmfeat", "ct")
    gains = [
        one["difference"] for part in ("single", "average") for one in verdict[part]["against"]
    ]
    assert verdict["p"] == max(gain["p"] for gain in gains) < 0.05
    for one in verdict["single"]["against"]:
        assert verdict["value"]["point"] - one["difference"]["point"] <= best["value"]
        assert one["tests"]["n_family"] == 3
        assert one["tests"]["delong"]["difference"] == pytest.approx(one["difference"]["point"])


def test_no_where_one_rival_is_clearly_better():
    verdict = _verdict(USUAL | {("average", "ct"): 0.05})
    assert (verdict["answer"], verdict["single"]["answer"]) == ("no", "no")
    assert verdict["average"]["answer"] == "yes"
    assert verdict["p"] == 1.0
    assert verdict["sentence"].startswith("No: fusion by mmfeat (AUROC ")
    assert "is worse than the best single modality (ct alone by average, " in verdict["sentence"]


def test_not_shown_where_an_interval_holds_zero():
    verdict = _verdict(USUAL | {("average", FULL): 0.41})
    assert (verdict["single"]["answer"], verdict["average"]["answer"]) == ("yes", "not shown")
    assert verdict["answer"] == "not shown"
    assert verdict["p"] > 0.05


def test_without_the_average_it_is_not_shown_and_says_why():
    noise = {key: value for key, value in USUAL.items() if key[0] == "mmfeat"}
    verdict = _verdict(noise)
    assert verdict["answer"] == "not shown"
    assert verdict["average"] == {
        "answer": "not shown",
        "reason": "method `average` was not trained; add it to train.methods",
    }
    assert verdict["single"]["answer"] == "yes"
    assert "cannot be compared with the average of both: method" in verdict["sentence"]
    assert verdict["p"] is None  # of beating one of the two it says nothing


def test_the_average_itself_is_not_its_own_rival():
    noise = {key: value for key, value in USUAL.items() if key[0] == "average"}
    verdict = _verdict(noise)
    assert "first method is the average itself" in verdict["average"]["reason"]


def test_a_variant_of_the_average_counts_as_one():
    noise = {
        (method.replace("average", "average@plr"), seen): one
        for (method, seen), one in USUAL.items()
    }
    verdict = _verdict(noise)
    assert verdict["average"]["best"]["method"] == "average@plr"
    assert verdict["answer"] == "yes"


def test_numbers_are_judged_by_r2():
    verdict = _verdict(USUAL, kind="regression")
    assert (verdict["metric"], verdict["answer"]) == ("r2", "yes")
    assert "reason" in verdict["single"]["against"][0]["tests"]["delong"]
    assert verdict["single"]["against"][0]["tests"]["corrected_t"]["n_folds"] == 4


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"modalities": ["ct"], "noise": {("mmfeat", "ct"): 1.0}}, "there is only one modality"),
        ({"noise": {("mmfeat", "ct"): 1.0}}, "no case of a test part has a label and all of"),
    ],
)
def test_without_anything_to_compare_the_reason_is_told(changes, reason):
    verdict = _of_complete_cases(**changes)
    assert verdict["answer"] == "not shown"
    assert verdict["reason"].startswith(reason)
    assert verdict["sentence"] == f"Not shown: {verdict['reason']}."
    assert verdict["p"] is None


def test_a_run_is_judged_over_its_targets():
    yes = _verdict(USUAL)
    nothing = no_verdict("there is only one modality")
    assert whole_verdict({"cancer": yes})["sentence"] == yes["sentence"]
    assert whole_verdict({"cancer": yes, "stage": yes})["answer"] == "yes"
    both = whole_verdict({"cancer": yes, "Stage": nothing})
    assert both["answer"] == "not shown"
    assert both["targets"] == {"cancer": "yes", "Stage": "not shown"}
    assert both["sentence"].endswith("Yes for cancer; not shown for Stage.")
    assert whole_verdict({"cancer": yes, "stage": yes | {"answer": "no"}})["answer"] == "no"
    p = yes["p"]
    adjusted = over_targets({"a": yes, "b": nothing, "c": yes | {"p": 0.6}})
    assert adjusted == {"a": 2 * p, "b": None, "c": 0.6}
