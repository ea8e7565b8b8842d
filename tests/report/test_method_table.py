import csv
import io
import re

import pytest

from mmfeat.report.method_table import FORMATS, as_csv, as_latex, as_markdown, with_rows


def _value(point, n=90):
    low, high = (None, None) if point is None else (point - 0.1, point + 0.05)
    return {"point": point, "low": low, "high": high, "n": n}


@pytest.fixture
def comparison():
    board = [
        {
            "run": "a",
            "method": "mmfeat",
            "values": {"ct+clinical": _value(0.9), "ct": _value(0.7, 95)},
        },
        {
            "run": "b_1",
            "method": "paper",
            "values": {"ct+clinical": _value(None), "ct": _value(0.8)},
        },
        {"run": "b_1", "method": "average", "values": {"ct+clinical": _value(0.8)}},
    ]
    of_target = {
        "kind": "binary",
        "metric": "auroc",
        "availabilities": ["ct+clinical", "ct"],
        "leaderboard": board,
    }
    return {
        "runs": [{"modalities": ["ct", "clinical"]}, {"modalities": ["ct", "clinical"]}],
        "intervals": {"confidence": 0.95, "resamples": 2000},
        "targets": {"cancer_1y": of_target},
    }


def test_csv_can_be_read_back(comparison):
    rows = list(csv.DictReader(io.StringIO(as_csv(comparison))))
    assert rows[0]["ct+clinical"] == "0.9"
    assert (rows[0]["ct low"], rows[0]["ct n"]) == (str(0.7 - 0.1), "95")
    assert rows[1]["ct+clinical"] == rows[2]["ct"] == ""
    assert rows[2]["target"] == "cancer_1y"


def test_markdown_has_a_row_for_each_method_and_the_best_in_bold(comparison):
    lines = as_markdown(comparison).splitlines()
    assert lines[0] == r"cancer\_1y: AUROC [95 % interval of 2000 resamples of patients]"
    assert lines[2] == "| method | ct+clinical (n = 90) | ct alone (n = 95) |"
    assert lines[4] == "| a: mmfeat | **0.900** [0.800, 0.950] | 0.700 [0.600, 0.750] |"
    assert lines[5] == r"| b\_1: paper | - | **0.800** [0.700, 0.850] |"
    assert lines[6] == r"| b\_1: average | 0.800 [0.700, 0.850] |  |"


def test_latex_is_balanced_and_escaped(comparison):
    text = as_latex(comparison)
    assert r"\caption{cancer\_1y: AUROC [95 \% interval of 2000 resamples of patients].}" in text
    assert r"a: mmfeat & \textbf{0.900} [0.800, 0.950] & 0.700 [0.600, 0.750] \\" in text
    assert r"b\_1: paper & - & \textbf{0.800} [0.700, 0.850] \\" in text
    begun, ended = (re.findall(rf"\\{what}{{(\w+)}}", text) for what in ("begin", "end"))
    assert sorted(begun) == sorted(ended) == ["table", "tabular"]
    assert text.count("{") == text.count("}")


def test_hostile_names_stay_names(comparison):
    comparison["targets"]["cancer_1y"]["leaderboard"][0]["method"] = r"a|b\c{d}&e~^"
    assert r"a: a\|b\\c\{d\}&e~^ |" in as_markdown(comparison)
    expected = r"a|b\textbackslash{}c\{d\}\&e\textasciitilde{}\textasciicircum{}"
    assert expected in as_latex(comparison)
    rows = list(csv.DictReader(io.StringIO(as_csv(comparison))))
    assert rows[0]["method"] == r"a|b\c{d}&e~^"


def test_one_run_needs_no_name(comparison):
    comparison["runs"] = comparison["runs"][:1]
    for name in ("latex", "markdown"):
        assert "a: mmfeat" not in FORMATS[name](comparison)


def test_rows_can_be_chosen_and_put_in_order_and_a_method_stands_for_its_variants(comparison):
    board = comparison["targets"]["cancer_1y"]["leaderboard"]
    board.append({**board[1], "method": "paper@tabm"})
    chosen = with_rows(comparison, ["average", "paper"])["targets"]["cancer_1y"]["leaderboard"]
    assert [row["method"] for row in chosen] == ["average", "paper", "paper@tabm"]
    assert len(board) == 4
    assert as_markdown(with_rows(comparison, [])).count("\n|") == 2
