import numpy as np
import pytest

from mmfeat.report.html.blocks import Table
from mmfeat.report.html.page_source import PageSource
from mmfeat.report.html.sections.missingness import missingness_blocks
from mmfeat.report.missingness import missingness_block
from mmfeat.report.summary import ResultOptions

from ...scored_sets import scored_sets


@pytest.fixture(scope="module")
def cases():
    return scored_sets({"gaps": 1.0})["gaps"]


def test_cases_that_lack_cells_but_no_modality_have_a_reason_in_place_of_a_test(cases):
    block = missingness_block(
        cases,
        ["ct+record"] * len(cases),
        predictors=["empty cells"],
        incomplete=np.ones(len(cases), bool),
        options=ResultOptions(n_resamples=100),
    )
    of_target = {"kind": "binary", "missingness": block}
    source = PageSource("run", {"targets": {"cancer": of_target}, "modalities": ["ct", "record"]})
    tables = [one for one in missingness_blocks(source, "cancer") if isinstance(one, Table)]
    (cell, *numbers) = tables[-1].rows[0].cells
    assert cell.sub == "all cases have the same modalities, or the same label"
    assert {one.value for one in numbers} <= {"", None}
