"""`mmfeat config schema` and `mmfeat config check`."""

import json

import pytest
from mmfeat.cli import exit_codes

from mmfeat.config.settings import Settings


@pytest.fixture
def schema(mmfeat, capsys):
    assert mmfeat("config", "schema") == exit_codes.DONE
    return json.loads(capsys.readouterr().out)


def _groups(schema):
    """Every group of settings in a schema."""
    return [schema, *(group for group in schema["$defs"].values() if "properties" in group)]


def _references(value):
    if isinstance(value, dict):
        found = [value["$ref"]] if "$ref" in value else []
        found += list(value.get("discriminator", {}).get("mapping", {}).values())
        return found + [text for item in value.values() for text in _references(item)]
    return [text for item in value for text in _references(item)] if isinstance(value, list) else []


def test_the_schema_describes_every_setting_and_allows_no_other(schema):
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert list(schema["properties"]) == list(Settings.model_fields)
    groups = _groups(schema)
    assert len(groups) > 10
    for group in groups:
        assert group["type"] == "object"
        assert group["additionalProperties"] is False
        assert set(group.get("required", [])) <= set(group["properties"])
        assert group["description"]
        for name, setting in group["properties"].items():
            described = schema["$defs"].get(setting.get("$ref", "").rpartition("/")[2], setting)
            assert "description" in described or name in ("kind", "type")


def test_every_reference_within_the_schema_leads_somewhere(schema):
    references = set(_references(schema))
    assert len(references) > 10
    assert references == {f"#/$defs/{name}" for name in schema["$defs"]}


def test_defaults_in_the_schema_are_those_of_the_settings(schema):
    train = schema["$defs"]["TrainSettings"]["properties"]
    assert train["epochs"]["default"] == 100
    assert train["dropout"] == train["dropout"] | {"minimum": 0, "exclusiveMaximum": 1}


def test_a_validator_accepts_the_schema_and_by_it_good_settings_only(schema):
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    good = {
        "cohort": {"manifest": "a.csv", "targets": {"y": {"kind": "binary", "column": "y"}}},
        "modalities": {"ct": {"kind": "volume", "column": "ct"}},
    }
    assert validator.is_valid(good)
    assert not validator.is_valid(good | {"trian": {}})
    assert not validator.is_valid(good | {"train": {"epochs": 0}})


def test_a_sane_project_is_counted_on_the_screen(mmfeat, write_project, tmp_path, capsys):
    write_project(tmp_path, n_cases=30)
    assert mmfeat("config", "check") == exit_codes.DONE
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "30 cases of 15 patients; no faults"
    assert lines[1] == "targets"
    assert lines[2].startswith("  cancer (binary): 1: ")
    assert lines[2].endswith(" %); 0 missing")
    assert lines[3] == "modalities"
    assert [line.split(":")[0].strip() for line in lines[4:6]] == ["ct", "clinical"]
    assert lines[6] == "availability"
    assert "folds, as they will be made" in lines
    assert lines[-1].startswith("  2: train ")


def test_made_splits_are_shown_as_made(mmfeat, write_project, tmp_path, capsys):
    write_project(tmp_path, n_cases=30)
    part = ["train", "val", "test"]
    lines = (tmp_path / "manifest.csv").read_text().splitlines()
    rows = [f"{line},{part[number // 2 % 3]}" for number, line in enumerate(lines[1:])]
    (tmp_path / "manifest.csv").write_text("\n".join([f"{lines[0]},part", *rows]))
    assert mmfeat("config", "check", "--set", "cohort.split.column=part") == exit_codes.DONE
    assert "folds\n  0: train 10, val 10, test 10\n" in capsys.readouterr().out


def test_one_modality_has_no_availability_to_show(mmfeat, write_project, tmp_path, capsys):
    write_project(tmp_path, n_cases=30)
    lines = (tmp_path / "manifest.csv").read_text().splitlines()
    rows = [line if line[-1] != "," else f"{line}60" for line in lines]
    (tmp_path / "manifest.csv").write_text("\n".join(rows))
    only = "modalities={clinical: {kind: table, columns: {age: {type: numeric}}}}"
    assert mmfeat("config", "check", "--set", only) == exit_codes.DONE
    shown = capsys.readouterr().out
    assert "  clinical: 30 cases\n" in shown
    assert "availability" not in shown


def _spoil(folder, n_rows):
    """Give rows a label that was not declared."""
    lines = (folder / "manifest.csv").read_text().splitlines()
    cells = [line.split(",") for line in lines]
    for row in cells[1 : n_rows + 1]:
        row[2] = "7"
    (folder / "manifest.csv").write_text("\n".join(map(",".join, cells)))


def test_faults_are_listed_by_row_and_the_exit_code_is_two(mmfeat, write_project, tmp_path, capsys):
    write_project(tmp_path)
    _spoil(tmp_path, 30)
    assert mmfeat("config", "check") == exit_codes.USER_CAN_MEND
    shown = capsys.readouterr()
    assert shown.out == ""
    lines = shown.err.splitlines()
    assert lines[0] == f"error: {tmp_path / 'manifest.csv'}: 30 faults"
    assert lines[1].startswith("  row 2, column `cancer`: not a declared label of the target")
    assert lines[-1] == "  ... and 10 more"
    assert len(lines) == 22


def test_all_faults_are_in_the_json_however_many(mmfeat, write_project, tmp_path, capsys):
    write_project(tmp_path)
    _spoil(tmp_path, 30)
    assert mmfeat("config", "check", "--json") == exit_codes.USER_CAN_MEND
    shown = capsys.readouterr()
    faults = json.loads(shown.out)["faults"]
    assert [fault["row"] for fault in faults] == list(range(2, 32))
    assert faults[0].keys() == {"message", "row", "column", "value", "table"}
    assert faults[0] == faults[0] | {"column": "cancer", "value": "7"}
    assert shown.err == ""


def test_counts_are_in_the_json_of_a_sane_project(mmfeat, write_project, tmp_path, capsys):
    write_project(tmp_path, n_cases=30)
    assert mmfeat("config", "check", "--json") == exit_codes.DONE
    summary = json.loads(capsys.readouterr().out)
    assert summary["faults"] == []
    assert summary["n_cases"] == 30
    assert sum(summary["availability"].values()) == 30
    assert [sum(fold.values()) for fold in summary["folds"]] == [30, 30, 30]
    assert set(summary["modalities"]) == {"ct", "clinical"}


@pytest.mark.parametrize("more", [[], ["--json"]])
@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "train.epochs=0",
            "`train.epochs` must be above 0, got `0` (given by --set train.epochs=0)",
        ),
        ("cohort.manifest=none.csv", "none.csv: no such file"),
        ("train.methods=[papper]", "did you mean `paper`"),
    ],
)
def test_what_is_no_fault_of_a_cell_is_one_line_and_exit_code_two(
    mmfeat, write_project, tmp_path, capsys, override, message, more
):
    write_project(tmp_path, n_cases=30)
    assert mmfeat("config", "check", "--set", override, *more) == exit_codes.USER_CAN_MEND
    shown = capsys.readouterr()
    assert message in shown.err
    assert len(shown.err.splitlines()) == 1
    assert shown.out == ""


def test_checking_writes_nothing(mmfeat, write_project, tmp_path, capsys):
    write_project(tmp_path, n_cases=30)
    before = sorted(tmp_path.iterdir())
    assert mmfeat("config", "check") == exit_codes.DONE
    assert sorted(tmp_path.iterdir()) == before


def test_the_group_alone_shows_its_commands(mmfeat, capsys):
    assert mmfeat("config") == exit_codes.USER_CAN_MEND
    shown = "".join(capsys.readouterr())
    assert "schema" in shown
    assert "check" in shown
