"""Findings become a verdict, the worst first, by the severities that are set."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from mmfeat.quality import CODES, RULES, SEVERITIES, Finding, Thresholds, Verdict, judge
from mmfeat.volumes import ReadingNote

TWO_SLICES = {"n_slices": 2, "metal_share": 0.01, "oblique_deg": 15.0}


def test_the_worst_comes_first_and_decides(good_facts):
    verdict = judge(good_facts(**TWO_SLICES))
    assert verdict.codes == ("too-few-slices", "metal", "oblique")
    assert [one.severity for one in verdict.findings] == ["reject", "warn", "info"]
    assert verdict.outcome == "reject"


def test_nothing_found_and_information_alone_are_a_pass(good_facts):
    assert judge(good_facts()) == Verdict(())
    assert judge(good_facts()).outcome == "pass"
    assert judge(good_facts(oblique_deg=15.0)).outcome == "pass"
    assert judge(good_facts(metal_share=0.01)).outcome == "warn"


def test_severities_can_be_set_and_codes_ignored(good_facts):
    thresholds = Thresholds(
        severities={"metal": "reject", "too-few-slices": "info"}, ignore=frozenset({"oblique"})
    )
    verdict = judge(good_facts(**TWO_SLICES), thresholds)
    assert [(one.code, one.severity) for one in verdict.findings] == [
        ("metal", "reject"),
        ("too-few-slices", "info"),
    ]


def test_what_a_reader_noted_is_judged_too(good_facts):
    notes = (ReadingNote("series-chosen", "1 of 3"), ReadingNote("gaps-filled", "1 slice"))
    verdict = judge(good_facts(notes=notes))
    assert verdict.findings == (
        Finding("gaps-filled", "warn", "1 slice"),
        Finding("series-chosen", "info", "1 of 3"),
    )
    ignoring = replace(Thresholds(), ignore=frozenset({"gaps-filled"}))
    assert judge(good_facts(notes=notes), ignoring).codes == ("series-chosen",)


def test_a_note_that_nobody_knows_is_a_warning(good_facts):
    verdict = judge(good_facts(notes=(ReadingNote("brand-new", "something"),)))
    assert verdict.findings == (Finding("brand-new", "warn", "something"),)


def test_a_code_found_twice_is_listed_once(good_facts):
    notes = (ReadingNote("left-out", "1 x report"), ReadingNote("left-out", "2 x localizer"))
    verdict = judge(good_facts(notes=notes))
    assert len(verdict.findings) == 2
    assert verdict.codes == ("left-out",)


def test_values_that_are_no_hounsfield_units_are_judged_by_extent_alone(good_facts):
    facts = good_facts(hu_doubt="a label map", air_hu=-500.0, metal_share=0.5, n_slices=10)
    assert judge(facts).codes == ("not-hounsfield", "few-slices")


def test_a_verdict_is_plain_json(good_facts):
    assert judge(good_facts(noise_hu=75.0)).to_json() == {
        "outcome": "warn",
        "findings": [
            {"code": "noisy", "severity": "warn", "message": "noise of 75 HU, more than 60 HU"}
        ],
    }


@given(
    severities=st.dictionaries(st.sampled_from([*CODES]), st.sampled_from(SEVERITIES)),
    ignore=st.frozensets(st.sampled_from([*RULES])),
)
def test_any_severities_keep_the_order_and_lose_only_what_is_ignored(
    good_facts, severities, ignore
):
    facts = good_facts(**TWO_SLICES, air_hu=-900.0, noise_hu=75.0)
    all_codes = set(judge(facts).codes)
    found = judge(facts, Thresholds(severities=severities, ignore=ignore)).findings
    assert {one.code for one in found} == all_codes - ignore
    ranks = [SEVERITIES.index(one.severity) for one in found]
    assert ranks == sorted(ranks, reverse=True)
    assert all(one.severity == severities.get(one.code, CODES[one.code]) for one in found)
