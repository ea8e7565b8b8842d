import re

import pytest

from mmfeat.config.loading import load_project
from mmfeat.errors import ConfigError
from mmfeat.stages.cohort import open_cohort, open_folds
from mmfeat.stages.table_report import write_table_report

from .training_cohort import write_training_cohort


@pytest.fixture
def project(tmp_path):
    return load_project(write_training_cohort(tmp_path))


def test_the_page_is_whole_and_needs_nothing_from_elsewhere(project, tmp_path):
    result = write_table_report(project, tmp_path / "page.html")
    page = result.file.read_text()
    assert page.startswith("<!doctype html>")
    assert page.rstrip().endswith("</html>")
    assert not re.search(r"src=[\"']?https?:|<link|@import|url\([\"']?https?:", page)
    assert (result.n_cases, result.n_columns) == (90, 1)
    assert [column.column for column in result.drift] == ["age"]


def test_columns_are_shown_of_the_training_part_only(project, tmp_path):
    cohort = open_cohort(project)
    (fold, *_) = open_folds(project, cohort, save=False)
    n_seen = len(fold.train) + len(fold.val)
    page = write_table_report(project, tmp_path / "page.html").file.read_text()
    assert f"The {n_seen} cases of training and validation of the first fold" in page
    assert f"{n_seen} cases of training and validation, {len(fold.test)} of the test" in page
    assert "target cancer" in page
    assert not (project.folder / "splits.csv").exists()


def test_a_page_that_is_there_is_kept_until_overwrite(project, tmp_path):
    file = tmp_path / "page.html"
    file.write_text("mine")
    with pytest.raises(ConfigError, match="is there already; pass --overwrite"):
        write_table_report(project, file)
    assert file.read_text() == "mine"
    write_table_report(project, file, overwrite=True)
    assert file.read_text() != "mine"


def test_a_project_without_a_record_is_refused(tmp_path):
    settings = write_training_cohort(tmp_path)
    project = load_project(
        settings,
        ["modalities={ct: {kind: features, file: ct.npz}}"],
    )
    with pytest.raises(ConfigError, match="has no modality of kind `table`"):
        write_table_report(project, tmp_path / "page.html")


def test_the_same_table_gives_the_same_numbers(project, tmp_path):
    first = write_table_report(project, tmp_path / "a.html")
    second = write_table_report(project, tmp_path / "b.html")
    assert (first.drift, first.warnings) == (second.drift, second.warnings)


def test_a_column_that_two_modalities_have_is_shown_for_each(tmp_path):
    settings = write_training_cohort(tmp_path)
    ct, age = "{kind: features, file: ct.npz}", "{kind: table, columns: {age: {type: numeric}}}"
    project = load_project(settings, [f"modalities={{ct: {ct}, early: {age}, late: {age}}}"])
    result = write_table_report(project, tmp_path / "page.html")
    assert [column.column for column in result.drift] == ["early: age", "late: age"]
