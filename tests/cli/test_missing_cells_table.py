"""The table of records with gaps: a row for each share, a column for each curve."""

import io

import pytest
from mmfeat.cli.console import PlainConsole
from mmfeat.cli.missing_cells_table import missing_cells_table


def _points(*values):
    return [
        {"share": share, "metrics": {"auroc": {"point": value, "low": None, "high": None}}}
        for share, value in zip((0.0, 0.25, 0.9), values, strict=True)
    ]


def _shown(block, width):
    stream = io.StringIO()
    PlainConsole(file=stream, width=width).print(
        missing_cells_table(width, "mmfeat", block, "as cells go missing")
    )
    return [line.split() for line in stream.getvalue().splitlines()]


def test_one_record_has_a_column_for_all_and_one_for_the_record_alone():
    curves = {"everything": _points(0.8, 0.75, 0.6), "alone": _points(0.7, 0.65, None)}
    lines = _shown({"clinical": {"methods": {"mmfeat": curves}}}, 80)
    assert lines[1] == ["cells", "hidden", "everything", "clinical", "alone"]
    assert lines[3:] == [
        ["0", "%", "0.800", "0.700"],
        ["25", "%", "0.750", "0.650"],
        ["90", "%", "0.600", "-"],
    ]


@pytest.mark.parametrize("width", [80, 100])
def test_of_several_records_each_column_says_whose_cells_are_hidden(width):
    curves = {"everything": _points(0.8, 0.7, 0.6)}
    block = {name: {"methods": {"mmfeat": curves}} for name in ("clinical", "blood")}
    lines = _shown(block, width)
    head = " ".join(word for line in lines[1:-4] for word in line)
    assert head.index("clinical") < head.index("blood")
    assert lines[-3:] == [
        [*share, value, value]
        for share, value in ((("0", "%"), "0.800"), (("25", "%"), "0.700"), (("90", "%"), "0.600"))
    ]
