"""From predictions to results and figures."""

from mmfeat.report.figures import draw_figures
from mmfeat.report.missing_cells import MISSING_CELLS_NOTE, missing_cells_results
from mmfeat.report.results import build_results
from mmfeat.report.scored_cases import PREDICTION_COLUMNS, ScoredCases, View, read_views
from mmfeat.report.summary import ResultOptions

__all__ = [
    "MISSING_CELLS_NOTE",
    "PREDICTION_COLUMNS",
    "ResultOptions",
    "ScoredCases",
    "View",
    "build_results",
    "draw_figures",
    "missing_cells_results",
    "read_views",
]
