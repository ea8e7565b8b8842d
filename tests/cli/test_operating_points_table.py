"""Thresholds on the screen."""

import pytest
from mmfeat.cli.operating_points_table import operating_points_table, recalibration_sentences
from rich.console import Console

_INTERVAL = "[95 % interval]"


def _estimate(point):
    return {"point": point, "low": point - 0.1, "high": point + 0.1}


def _shown(width, of_target):
    console = Console(width=width)
    with console.capture() as shown:
        console.print(operating_points_table(width, "mmfeat", of_target, _INTERVAL))
    return shown.get()


@pytest.fixture
def of_target():
    names = ("sensitivity", "specificity", "ppv", "npv", "f1")
    point = {name: _estimate(0.2 + 0.1 * place) for place, name in enumerate(names)}
    undefined = {"reason": "no validation part has both positive and negative cases"}
    entry = {"outputs": {"1": {"points": {"youden": point, "max_f1": undefined}}}}
    rules = [{"name": "youden", "words": "Youden"}, {"name": "max_f1", "words": "largest F1"}]
    calibrated = {
        name: {"metrics": {"ece": {"point": value}}}
        for name, value in (("before", 0.0812), ("temperature", 0.0309))
    }
    return {
        "kind": "binary",
        "operating_points": {"rules": rules, "methods": {"mmfeat": {"natural": entry}}},
        "recalibration": {"chosen": "temperature", "methods": {"mmfeat": {"natural": calibrated}}},
    }


def test_each_rule_that_gave_a_threshold_is_a_row(of_target):
    text = _shown(160, of_target)
    assert "thresholds chosen on validation parts [95 % interval]" in text
    assert "Youden" in text
    assert "0.400 [0.300, 0.500]" in text
    assert "largest F1" not in text


def test_on_a_narrow_screen_a_rule_is_one_line_without_intervals(of_target):
    lines = [line.split() for line in _shown(80, of_target).splitlines()]
    assert ["Youden", "0.200", "0.300", "0.400", "0.500", "0.600"] in lines


def test_recalibration_is_one_sentence(of_target):
    assert recalibration_sentences("mmfeat", of_target) == [
        "recalibrated by temperature on validation parts, mmfeat has a calibration error of 0.031 "
        "instead of 0.081"
    ]


def test_where_nothing_was_clearly_better_it_says_so(of_target):
    calibrated = of_target["recalibration"]["methods"]["mmfeat"]["natural"]
    calibrated["temperature"] = calibrated["before"]
    assert recalibration_sentences("mmfeat", of_target) == [
        "on validation parts no temperature is clearly better, so the probabilities of mmfeat stay "
        "as they are"
    ]


@pytest.mark.parametrize(
    "change", [{"kind": "multilabel"}, {"operating_points": {"reason": "off"}}]
)
def test_without_points_of_a_yes_or_no_target_there_is_no_table(of_target, change):
    assert operating_points_table(100, "mmfeat", of_target | change, _INTERVAL) is None


@pytest.mark.parametrize("block", [{"reason": "of a number"}, {"chosen": "none", "methods": {}}])
def test_without_recalibration_nothing_is_said(of_target, block):
    assert recalibration_sentences("mmfeat", of_target | {"recalibration": block}) == []
    assert recalibration_sentences("mmfeat", {"kind": "binary"}) == []
