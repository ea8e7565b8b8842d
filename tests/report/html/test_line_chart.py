import numpy as np

from mmfeat.report.html.line_chart import Frame, Series, line_chart


def test_a_level_curve_has_room_above_and_below():
    level = Series("level", np.array([0.0, 1.0]), np.array([0.5, 0.5]), method=0)
    chart = line_chart("level", [level], Frame("x", "y", y_limits=(0.5, 0.5)))
    assert chart.svg.startswith("<svg")
