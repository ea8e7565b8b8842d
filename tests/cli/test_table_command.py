import json

from ..stages.training_cohort import write_training_cohort


def test_the_report_says_what_it_wrote_and_is_kept_until_overwrite(mmfeat_shown, tmp_path):
    settings = write_training_cohort(tmp_path)
    code, output, _ = mmfeat_shown("table", "report", settings)
    assert code == 0
    assert "table_report.html: 1 columns of 90 cases; 0 drift from training to test" in output
    assert (tmp_path / "table_report.html").is_file()
    code, _, message = mmfeat_shown("table", "report", settings)
    assert code == 2
    assert "is there already; pass --overwrite to replace it" in message


def test_json_lists_every_column(mmfeat_shown, tmp_path):
    settings = write_training_cohort(tmp_path)
    page = tmp_path / "page.html"
    _, output, _ = mmfeat_shown("table", "report", settings, "-o", page, "--json")
    report = json.loads(output)
    assert report["file"] == str(page)
    assert [column["column"] for column in report["drift"]] == ["age"]
    assert report["drift"][0]["missing"][0] > 0


def _later(tmp_path, text):
    file = tmp_path / "later.csv"
    file.write_text(text)
    return file


def test_drift_is_shown_with_notes_and_is_no_failure(mmfeat_shown, tmp_path):
    settings = write_training_cohort(tmp_path)
    later = _later(tmp_path, "ward,age\n" + "A,99.5\n" * 30)
    code, output, _ = mmfeat_shown("table", "drift", settings, later)
    assert code == 0
    assert "30 beyond" in output
    assert "later.csv: 1 columns of 30 rows, compared with" in output
    assert "; 1 differs beyond chance, none of the others with values that training" in output
    assert "note: not in the settings, so not looked at: `ward`" in output


def test_without_drift_there_is_one_line(mmfeat_shown, tmp_path):
    settings = write_training_cohort(tmp_path)
    _, output, _ = mmfeat_shown("table", "drift", settings, tmp_path / "manifest.csv")
    assert "; none differ beyond chance" in output


def test_drift_as_json_holds_every_column_and_faults_end_with_two(mmfeat_shown, tmp_path):
    settings = write_training_cohort(tmp_path)
    later = _later(tmp_path, "age\n61\n")
    code, output, _ = mmfeat_shown("table", "drift", settings, later, "--json")
    document = json.loads(output)
    assert (code, document["faults"], document["n_rows"]) == (0, [], 1)
    (age,) = document["columns"]
    assert (age["column"], age["absent"], age["differs"], age["distance"]) == (
        *("age", False, False),
        None,
    )
    later = _later(tmp_path, "age\nold\n")
    code, output, _ = mmfeat_shown("table", "drift", settings, later, "--json")
    (fault,) = json.loads(output)["faults"]
    assert (code, fault["row"], fault["value"]) == (2, 2, "old")
    code, output, message = mmfeat_shown("table", "drift", settings, later)
    assert (code, output) == (2, "")
    assert "row 2, column `age`: not a number" in message


def test_encoders_are_listed_with_what_they_need(mmfeat_shown):
    code, output, _ = mmfeat_shown("table", "encoders", "--json")
    assert code == 0
    found = {encoder["name"]: encoder for encoder in json.loads(output)}
    assert list(found)[:5] == ["tabular-basic", "plr", "ple", "ft-transformer", "tabm"]
    assert found["tabular-basic"]["packages"] == []
    assert found["tabm"]["extra"] == "tabular"
    assert found["tabm"]["installed"]
    code, output, _ = mmfeat_shown("table", "encoders")
    assert code == 0
    assert all(name in output for name in found)
