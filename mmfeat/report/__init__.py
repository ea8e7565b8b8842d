"""From predictions to results and figures."""

from mmfeat.report.figures import draw_figures
from mmfeat.report.results import build_results
from mmfeat.report.scored_cases import PREDICTION_COLUMNS, ScoredCases, View, read_views
from mmfeat.report.summary import ResultOptions

__all__ = [
    "PREDICTION_COLUMNS",
    "ResultOptions",
    "ScoredCases",
    "View",
    "build_results",
    "draw_figures",
    "read_views",
]
