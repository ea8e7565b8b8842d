"""Every rule has facts that trip it, and facts just short of it."""

from dataclasses import replace

import pytest

from mmfeat.quality import RULES, Thresholds
from mmfeat.quality.rules import WITHOUT_HU

LIMITS = Thresholds()
THIN = {"slice_thickness_mm": "1.0"}

CASES = {
    "constant": (
        {"minimum_hu": 0.0, "maximum_hu": 0.0},
        {"minimum_hu": 0.0, "maximum_hu": 1.0},
        "all voxels are 0",
    ),
    "empty": (
        {"percentiles_hu": {"99.9": -960.0}},
        {"percentiles_hu": {"99.9": -850.0}},
        "nothing but air: 99.9 % of the voxels are at -960 HU or below",
    ),
    "not-hounsfield": ({"hu_doubt": "a label map"}, {"hu_doubt": None}, "a label map"),
    "too-few-slices": ({"n_slices": 2}, {"n_slices": 3}, "2 slices; at least 3 make a volume"),
    "too-small": (
        {"coverage_lr_mm": 9.0},
        {"coverage_lr_mm": 10.0},
        "only 300 x 358 x 9 mm; at least 10 mm are wanted",
    ),
    "few-slices": ({"n_slices": 3}, {"n_slices": 16}, "3 slices, fewer than 16"),
    "short-coverage": (
        {"coverage_si_mm": 60.0},
        {"coverage_si_mm": 100.0},
        "60 mm from top to bottom, less than 100 mm",
    ),
    "thick-slices": (
        {"slice_spacing_mm": 7.5},
        {"slice_spacing_mm": 6.0},
        "slices 7.50 mm apart, more than 6 mm",
    ),
    "gaps-between-slices": (
        {"slice_spacing_mm": 5.0, "header": THIN},
        {"slice_spacing_mm": 1.3, "header": THIN},
        "slices 1 mm thick, 5.00 mm apart: what lies between was not seen",
    ),
    "no-body": (
        {"body_share": 0.012},
        {"body_share": 0.05},
        "the largest thing of tissue fills 1.2 % of the volume, less than 5 %",
    ),
    "air-off": (
        {"air_hu": -900.0},
        {"air_hu": -1024.0},
        "air is mostly at -900 HU, expected between -1050 and -950 HU",
    ),
    "soft-tissue-off": (
        {"soft_tissue_hu": 190.0},
        {"soft_tissue_hu": 110.0},
        "soft tissue is mostly at 190 HU, expected between -20 and 130 HU",
    ),
    "clipped-low": (
        {"minimum_hu": -160.0, "share_at_minimum": 0.3},
        {"minimum_hu": -1000.0, "share_at_minimum": 0.3},
        "cut off at -160 HU: 30 % lie there",
    ),
    "clipped-high": (
        {"maximum_hu": 240.0, "share_at_maximum": 0.03},
        {"maximum_hu": 3071.0, "share_at_maximum": 0.03},
        "cut off at 240 HU: 3 % lie there",
    ),
    "padded": (
        {"padding_share": 0.6},
        {"padding_share": 0.21},
        "60 % of the volume is filled in, outside the scanner's view",
    ),
    "truncated-fov": (
        {"cut_outline_share": 0.2},
        {"cut_outline_share": 0.1},
        "20 % of the body's outline lies at the edge of the field of view, more than 10 %",
    ),
    "metal": (
        {"metal_share": 0.0012},
        {"metal_share": 0.0001},
        "0.12 % of the volume is as dense as metal",
    ),
    "noisy": ({"noise_hu": 75.0}, {"noise_hu": 60.0}, "noise of 75 HU, more than 60 HU"),
    "crop": (
        {"is_crop": True},
        {"is_crop": False},
        "300 x 358 x 358 mm from inside a body, with no air around: coverage, field of view, air "
        "and body are not judged",
    ),
    "coarse-pixels": (
        {"pixel_mm": 3.0},
        {"pixel_mm": 1.37},
        "pixels of 3.00 mm, larger than any scanner's: it was resampled",
    ),
    "oblique": (
        {"oblique_deg": 20.0},
        {"oblique_deg": 9.0},
        "an axis is 20 degrees off the body's",
    ),
    "contrast": (
        {"header": {"contrast_agent": "Iomeron"}},
        {"header": {}},
        "contrast agent according to the header: Iomeron",
    ),
}


def test_every_rule_has_its_cases():
    assert list(CASES) == list(RULES)
    assert set(RULES) > WITHOUT_HU


@pytest.mark.parametrize("code", RULES)
def test_a_rule_says_what_it_found_or_nothing(good_facts, code):
    tripping, passing, message = CASES[code]
    assert RULES[code](good_facts(**tripping), LIMITS) == message
    assert RULES[code](good_facts(**passing), LIMITS) is None


def test_a_good_scan_trips_no_rule(good_facts):
    found = {code: rule(good_facts(), LIMITS) for code, rule in RULES.items()}
    assert {code: message for code, message in found.items() if message is not None} == {}


@pytest.mark.parametrize("code", ["short-coverage", "no-body", "truncated-fov", "soft-tissue-off"])
def test_what_needs_air_around_a_body_is_not_asked_of_a_crop(good_facts, code):
    tripping, _, _ = CASES[code]
    assert RULES[code](good_facts(**tripping, is_crop=True), LIMITS) is None


def test_what_is_rejected_is_not_warned_of_in_the_same_words(good_facts):
    assert RULES["few-slices"](good_facts(n_slices=2), LIMITS) is None
    assert RULES["short-coverage"](good_facts(coverage_si_mm=3.0), LIMITS) is None


@pytest.mark.parametrize("thickness", ["", "0", "thick", "-1"])
def test_a_thickness_that_says_nothing_is_no_gap(good_facts, thickness):
    facts = good_facts(slice_spacing_mm=5.0, header={"slice_thickness_mm": thickness})
    assert RULES["gaps-between-slices"](facts, LIMITS) is None


def test_what_cannot_be_told_is_not_judged(good_facts):
    facts = good_facts(air_hu=None, soft_tissue_hu=None, noise_hu=None)
    for code in ("air-off", "soft-tissue-off", "noisy"):
        assert RULES[code](facts, LIMITS) is None


@pytest.mark.parametrize(
    ("code", "limit"),
    [
        ("too-few-slices", {"fewest_slices": 301}),
        ("few-slices", {"few_slices": 301}),
        ("too-small", {"smallest_coverage_mm": 301.0}),
        ("short-coverage", {"short_coverage_mm": 301.0}),
        ("thick-slices", {"thickest_slice_mm": 0.9}),
        ("no-body", {"smallest_body_share": 0.6}),
        ("air-off", {"air_hu": (-990.0, -950.0)}),
        ("soft-tissue-off", {"soft_tissue_hu": (0.0, 40.0)}),
        ("padded", {"most_padding_share": 0.2}),
        ("truncated-fov", {"most_cut_outline_share": 0.0}),
        ("noisy", {"most_noise_hu": 11.0}),
        ("coarse-pixels", {"coarsest_pixel_mm": 0.6}),
    ],
)
def test_thresholds_move_what_is_found(good_facts, code, limit):
    assert RULES[code](good_facts(), replace(LIMITS, **limit)) is not None
