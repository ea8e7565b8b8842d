"""From predictions to results and figures."""

from mmfeat.report.figures import draw_figures
from mmfeat.report.missing_cells import (
    LEAST_FIRST,
    MISSING_CELLS_NOTE,
    MOST_FIRST,
    RANDOM,
    missing_cells_results,
)
from mmfeat.report.results import build_results
from mmfeat.report.scored_cases import PREDICTION_COLUMNS, ScoredCases, View, read_views
from mmfeat.report.summary import ResultOptions

__all__ = [
    "LEAST_FIRST",
    "MISSING_CELLS_NOTE",
    "MOST_FIRST",
    "PREDICTION_COLUMNS",
    "RANDOM",
    "ResultOptions",
    "ScoredCases",
    "View",
    "build_results",
    "draw_figures",
    "missing_cells_results",
    "read_views",
]
