import numpy as np
import pandas as pd
import pytest

from mmfeat.config.loading import load_project
from mmfeat.config.settings import Settings
from mmfeat.errors import CohortError, ConfigError
from mmfeat.manifest.reading import read_manifest
from mmfeat.stages.check import check_project
from mmfeat.stages.init import write_settings

N_ROWS = 40


def _table():
    """Text as a user has it: scans of half the cases, dates, levels, a leak and a comment."""
    generator = np.random.default_rng(0)
    rows = range(N_ROWS)
    return pd.DataFrame(
        {
            "Patient ID": [f"P{row // 2:02d}" for row in rows],
            "Scan": [f"S{row:02d}" for row in rows],
            "scan_date": [f"2020-{1 + row % 12:02d}-15" for row in rows],
            "birth_date": [f"19{50 + row % 30}-03-0{1 + row % 9}" for row in rows],
            "cancer": generator.permutation(N_ROWS) % 3 % 2,
            "os_event": generator.permutation(N_ROWS) % 4 % 2,
            "os_days": [str(10 + 7 * row) for row in rows],
            "age (years)": generator.integers(40, 80, N_ROWS).astype(str),
            "smoker: yes/no": generator.choice(["yes", "no", ""], N_ROWS),
            "grade": generator.choice(["none", "mild", "severe"], N_ROWS),
            "code": generator.choice(["01", "02", "10"], N_ROWS),
            "ct": ["a.nii.gz" if row in (0, 1) else "" for row in rows],
            "comment": [f"row {row}; seen" for row in rows],
        }
    )


@pytest.fixture
def table(tmp_path):
    (tmp_path / "a.nii.gz").touch()
    file = tmp_path / "table.csv"
    _table().to_csv(file, index=False)
    return file


def test_the_written_settings_can_be_loaded_and_fit_the_table(table, tmp_path):
    report = write_settings(table, tmp_path / "mmfeat.yaml")
    assert (report.file, report.n_rows) == (tmp_path / "mmfeat.yaml", N_ROWS)
    summary = check_project(load_project(report.file))
    assert (summary.n_cases, summary.n_patients) == (N_ROWS, N_ROWS // 2)
    assert list(summary.targets) == ["cancer", "os_event"]
    assert summary.modalities == {"ct": 2, "clinical": N_ROWS}


def test_texts_keep_their_meaning_on_the_way_through_yaml(table, tmp_path):
    write_settings(table, tmp_path / "mmfeat.yaml")
    settings = load_project(tmp_path / "mmfeat.yaml").settings
    columns = settings.modalities["clinical"].columns
    assert list(columns) == [
        *("age (years)", "smoker: yes/no", "grade", "code", "birth_date"),
    ]
    assert columns["grade"].levels == ["none", "mild", "severe"]
    assert "none" not in settings.cohort.missing
    frame = read_manifest(tmp_path / "table.csv", settings.cohort.missing)
    assert set(frame["grade"]) == {"none", "mild", "severe"}


def test_doubtful_lines_are_counted_as_they_stand_in_the_file(table, tmp_path):
    report = write_settings(table, tmp_path / "mmfeat.yaml")
    lines = (tmp_path / "mmfeat.yaml").read_text().splitlines()
    marked = [line for line in lines if "# check: " in line]
    assert len(marked) == report.n_doubtful == 4
    assert sum(line.startswith("#") for line in marked) == 1  # the comment, left out


def test_every_column_is_used_or_listed_with_the_reason_to_leave_it_out(table, tmp_path):
    write_settings(table, tmp_path / "mmfeat.yaml")
    text = (tmp_path / "mmfeat.yaml").read_text()
    for column in _table():
        assert column in text
    assert "#   comment: # check: text with 40 different values in 40 rows (48 %)\n" in text
    assert "#   scan_date: the date that others are counted to (97 %)\n" in text


def test_the_path_of_the_table_is_relative_to_the_settings(table, tmp_path, monkeypatch):
    report = write_settings(table, tmp_path / "runs" / "first" / "mmfeat.yaml")
    project = load_project(report.file)
    assert project.settings.cohort.manifest.as_posix() == "../../table.csv"
    assert len(read_manifest(project.path(project.settings.cohort.manifest), [])) == N_ROWS
    monkeypatch.chdir(tmp_path)
    relative = write_settings(table.relative_to(tmp_path), tmp_path / "runs" / "second.yml")
    assert load_project(relative.file).settings.cohort.manifest.as_posix() == "../table.csv"


def test_the_same_table_in_another_format_gives_the_same_settings(table, tmp_path):
    texts = []
    frame = _table()
    frame.to_csv(tmp_path / "table.tsv", sep="\t", index=False)
    frame.replace("", None).to_parquet(tmp_path / "table.parquet")
    frame.to_excel(tmp_path / "table.xlsx", index=False)
    frame.to_csv(tmp_path / "german.csv", sep=";", index=False, encoding="utf-8-sig")
    for name in ("table.csv", "table.tsv", "table.parquet", "table.xlsx", "german.csv"):
        report = write_settings(tmp_path / name, tmp_path / "mmfeat.yaml", overwrite=True)
        check_project(load_project(report.file))
        texts.append(report.file.read_text().replace(name, "<table>"))
    assert set(texts) == {texts[0]}


def test_typed_columns_of_excel_and_parquet_are_understood(tmp_path):
    generator = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "case_id": np.arange(N_ROWS) * 3,
            "died": generator.integers(0, 2, N_ROWS).astype(bool),
            "exam_date": pd.date_range("2020-01-01", periods=N_ROWS),
            "birth_date": pd.date_range("1950-01-01", periods=N_ROWS, freq="50D"),
            "crp": generator.normal(10, 2, N_ROWS),
            "ecog": np.where(np.arange(N_ROWS) % 5, np.arange(N_ROWS) % 3, np.nan),
        }
    )
    frame.to_excel(tmp_path / "table.xlsx", index=False)
    frame.to_parquet(tmp_path / "table.parquet")
    for name in ("table.xlsx", "table.parquet"):
        report = write_settings(tmp_path / name, tmp_path / "mmfeat.yaml", overwrite=True)
        settings = load_project(report.file).settings
        target = settings.cohort.targets["died"]
        assert (target.positive, target.negative) == ("true", "false")
        columns = settings.modalities["clinical"].columns
        assert {name: column.type for name, column in columns.items()} == {
            "crp": "numeric",
            "ecog": "ordinal",
            "birth_date": "date_difference",
        }
        assert columns["ecog"].levels == [0, 1, 2]
        check_project(load_project(report.file))


def test_asked_targets_are_the_only_ones(table, tmp_path):
    write_settings(table, tmp_path / "mmfeat.yaml", targets=["grade", "age (years)"])
    settings = load_project(tmp_path / "mmfeat.yaml").settings
    kinds = {name: target.kind for name, target in settings.cohort.targets.items()}
    assert kinds == {"grade": "multiclass", "age_years": "regression"}
    inputs = settings.modalities["clinical"].columns
    assert {"cancer", "os_event", "os_days", "grade"}.isdisjoint(inputs)


def test_settings_that_are_there_are_kept_until_overwrite(table, tmp_path):
    output = tmp_path / "mmfeat.yaml"
    output.write_text("mine\n")
    with pytest.raises(ConfigError, match=r"mmfeat\.yaml: is there already; pass --overwrite"):
        write_settings(table, output)
    assert output.read_text() == "mine\n"
    write_settings(table, output, overwrite=True)
    assert isinstance(load_project(output).settings, Settings)


def test_a_table_that_cannot_be_used_leaves_the_settings_as_they_were(tmp_path):
    (tmp_path / "table.csv").write_text("id,side\n1,left\n2,right\n")
    output = tmp_path / "mmfeat.yaml"
    output.write_text("mine\n")
    with pytest.raises(CohortError, match="no column sounds like an outcome"):
        write_settings(tmp_path / "table.csv", output, overwrite=True)
    assert output.read_text() == "mine\n"


@pytest.mark.parametrize("name", ["settings.json", "settings", "table.csv"])
def test_settings_are_yaml_by_name(table, tmp_path, name):
    with pytest.raises(ConfigError, match=r"settings are YAML; give the name an ending of \.yaml"):
        write_settings(table, tmp_path / name, overwrite=True)
    assert table.read_text().startswith("Patient ID,")


def test_a_place_that_cannot_be_written_to_is_named(table, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"file/mmfeat\.yaml: cannot be written: "):
        write_settings(table, tmp_path / "file" / "mmfeat.yaml")


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(CohortError, match=r"none\.csv: no such file"):
        write_settings(tmp_path / "none.csv", tmp_path / "mmfeat.yaml")
