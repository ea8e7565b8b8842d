"""Drawings: small, themed, with their values; the same values give the same text."""

import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from mmfeat.report.html.drawing import numbered, shortened
from mmfeat.report.html.forest_chart import ForestItem, forest_chart
from mmfeat.report.html.line_chart import Frame, Series, line_chart, thinned
from mmfeat.report.html.scatter_chart import map_chart, predicted_chart

_SVG = "{http://www.w3.org/2000/svg}"


def _marks(svg):
    return [one for one in ET.fromstring(svg).iter() if "mark" in one.get("class", "").split()]


def _lines(n_points=2000):
    x = np.linspace(0, 1, n_points)
    return [Series("mmfeat", x, x**2, method=0), Series("<b>", x, x, method=1)]


def test_a_curve_carries_its_name_its_method_and_values_to_point_at():
    drawn = line_chart("A & B", _lines(), Frame("Recall", "Precision"))
    by_label = {mark.get("data-label"): mark for mark in _marks(drawn.svg)}
    assert set(by_label) == {"mmfeat", "<b>"}
    assert by_label["mmfeat"].get("class") == "mark m0"
    values = by_label["mmfeat"].get("data-values").split("\n")
    assert 20 < len(values) < 40
    x, y, text = values[-1].split(",", 2)
    assert text == "Precision 1.00 at recall 1.00"
    width, height = map(float, ET.fromstring(drawn.svg).get("viewBox").split()[2:])
    assert 0.9 * width < float(x) < width  # the upper right corner of the panel
    assert 0 < float(y) < 0.1 * height


def test_many_points_become_no_more_than_an_eye_can_tell():
    steps = np.sort(np.random.default_rng(0).random((2, 20_000)), axis=1)
    x, y = thinned(*steps)
    assert len(x) < 1500
    assert x[-1] == steps[0, -1]
    assert np.abs(np.interp(steps[0], x, y) - steps[1]).max() < 0.005


def test_the_same_values_give_the_same_text_and_others_another():
    first, again = (line_chart("A", _lines(), Frame("x", "y")).svg for _ in range(2))
    assert first == again
    assert line_chart("A", _lines(300), Frame("x", "y")).svg != first


def test_nothing_in_a_drawing_has_a_style_or_colour_of_its_own():
    charts = [
        line_chart("A", _lines(), Frame("x", "y"), has_legend=True),
        forest_chart("B", [ForestItem("ct", "ct", 0.7, 0.6, 0.8, "0.7", 1)], axis="AUROC"),
        map_chart("C", [0, 1, 2], [0, 1, 0], ["north", "south", "north"]),
        predicted_chart("D", [1.0, 2.0, 3.0], [1.1, 2.2, 2.9]),
    ]
    for drawn in charts:
        root = ET.fromstring(drawn.svg)
        for element in root.iter():
            assert element.tag != f"{_SVG}style"
            assert not {"style", "font-family"} & set(element.attrib)
            for key in ("fill", "stroke"):
                assert element.get(key, "none") == "none" or element.get(key).startswith("var(--")


def test_ids_of_two_drawings_on_a_page_differ_and_their_uses_follow():
    svg = numbered(forest_chart("B", [ForestItem("a", "a", 1, 0, 2, "1")], axis="x").svg, 7)
    ids = re.findall(r'id="([^"]+)"', svg)
    used = {*re.findall(r"#([\w-]+)", svg)}
    assert ids
    assert all(name.startswith("d7-") for name in ids)
    assert used == set(ids)


def test_a_value_without_an_interval_is_a_point_alone():
    items = [ForestItem("a", "a", 0.5, None, None, "0.500"), ForestItem("b", "b", 1, 0, 2, "1")]
    marks = _marks(forest_chart("B", items, axis="x").svg)
    assert [mark.get("data-label") for mark in marks] == ["a", "b", "b"]
    assert marks[0].find(f"{_SVG}title").text == "a: 0.500"


def test_a_map_colours_the_largest_groups_and_leaves_the_others_grey():
    groups = [f"site {number}" for number in range(12) for _ in range(12 - number)]
    x = np.arange(len(groups))
    svg = map_chart("C", x, x, groups).svg
    texts = {one.text for one in ET.fromstring(svg).iter(f"{_SVG}text")}
    assert {"site 0", "site 7"} <= texts
    assert "site 8" not in texts


@pytest.mark.parametrize(("name", "shown"), [("abcdef", "abcdef"), ("abcdefg", "abcde…")])
def test_a_long_name_is_cut(name, shown):
    assert shortened(name, 6) == shown
