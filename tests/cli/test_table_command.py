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
