"""The true risk of a made-up cohort is read, or refused in one line."""

import pytest

from mmfeat.config.loading import load_project
from mmfeat.errors import EvalError
from mmfeat.stages.evaluation.true_risk import read_true_risk


@pytest.fixture
def project(tmp_path, write_project):
    return load_project(write_project(tmp_path, n_cases=20))


def test_each_case_has_its_probability(project):
    found = read_true_risk(project)
    assert list(found) == ["cancer"]
    assert len(found["cancer"]) == 20
    assert all(0 < risk < 1 for risk in found["cancer"].values())


def test_without_the_setting_there_is_none(project):
    file = project.folder / "mmfeat.yaml"
    assert read_true_risk(load_project(file, ["eval.true_risk=null"])) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, r"risk\.csv is not there"),
        ("", r"risk\.csv: not a CSV file"),
        ("case,cancer\nc000,0.5\n", r"no column `case_id`; found \['case', 'cancer'\]"),
        ("case_id,stage\nc000,0.5\n", r"no column is named after a binary target \(cancer\)"),
        ("case_id,cancer\nc000,0.5\nc001,1.2\n", r"row 3, column `cancer`: .* \(found `1\.2`\)"),
        ("case_id,cancer\nc000,often\n", r"row 2, column `cancer`: .* \(found `often`\)"),
        ("case_id,cancer\nc000,0.5\nc000,0.5\n", r"case `c000` is there twice"),
    ],
)
def test_what_cannot_be_used_is_one_line(project, text, message):
    path = project.folder / "risk.csv"
    path.unlink() if text is None else path.write_text(text)
    with pytest.raises(EvalError, match=message) as error:
        read_true_risk(project)
    assert "\n" not in str(error.value)
