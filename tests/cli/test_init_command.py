"""`mmfeat init`, and that `mmfeat config check` then works on what it wrote."""

import json

import numpy as np
import pandas as pd
import pytest
from mmfeat.cli import exit_codes

N_ROWS = 40


@pytest.fixture
def table(tmp_path):
    generator = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "patient_id": [f"P{row // 2:02d}" for row in range(N_ROWS)],
            "scan_id": [f"S{row:02d}" for row in range(N_ROWS)],
            "ct": ["a.nii" if row < 2 else "" for row in range(N_ROWS)],
            "cancer": generator.permutation(N_ROWS) % 3 % 2,
            "site": generator.choice(["north", "south"], N_ROWS),
            "age": generator.integers(40, 80, N_ROWS),
            "packs": generator.choice([0, 10.5, 20, 9999], N_ROWS),
            "mask": [f"{row}_seg.nii" for row in range(N_ROWS)],
        }
    )
    (tmp_path / "a.nii").touch()
    frame.to_csv(tmp_path / "table.csv", index=False)
    return frame


def test_it_says_what_it_found_and_what_to_do_next(mmfeat, table, capsys):
    assert mmfeat("init", "--manifest", "table.csv") == exit_codes.DONE
    assert capsys.readouterr().out.splitlines()[-5:] == [
        "mmfeat.yaml: written for 40 rows",
        "  cases by `scan_id`, patients by `patient_id`",
        "  targets: cancer",
        "  modalities: ct, clinical; 2 columns of the record, 2 left out",
        "Next: look at the 1 line with `# check:`, then run `mmfeat config check mmfeat.yaml`",
    ]


def test_what_is_to_be_checked_comes_first_in_the_table(mmfeat_shown, table):
    _, shown, _ = mmfeat_shown("init", "-m", "table.csv", columns=120)
    rows = [line.split("\u2502")[1:-1] for line in shown.splitlines() if "\u2502" in line]
    rows = [[cell.strip() for cell in row] for row in rows]
    assert rows[0] == [
        *("packs", "numeric, missing 9999", "48 %"),
        "check: 0 to 20; is 9999 missing? it is there 12 times",
    ]
    assert ["age", "numeric", "97 %", "41 to 79"] in rows
    assert ["mask", "left out", "97 %", "paths of masks"] in rows
    assert not any("check" in cell for row in rows[1:] for cell in row)


def test_of_many_columns_all_doubtful_ones_are_shown_and_the_rest_counted(
    mmfeat_shown, table, tmp_path
):
    more = {f"x{n}": table["age"] + n for n in range(60)}
    more |= {f"y{n}": table["packs"] + n for n in range(3)}
    pd.concat([table, pd.DataFrame(more)], axis=1).to_csv(tmp_path / "table.csv", index=False)
    _, shown, _ = mmfeat_shown("init", "-m", "table.csv", columns=120)
    assert "31 more, as sure as these or surer, are in the file" in shown
    assert shown.count("check: ") == 2


def test_json_holds_every_guess_with_what_it_rests_on(mmfeat, table, tmp_path, capsys):
    assert mmfeat("init", "-m", "table.csv", "--json") == exit_codes.DONE
    document = json.loads(capsys.readouterr().out)
    assert (document["file"], document["n_rows"], document["n_to_check"]) == ("mmfeat.yaml", 40, 1)
    found = {(one["part"], one["name"]): one for one in document["guesses"]}
    assert found["columns", "packs"] == {
        "part": "columns",
        "name": "packs",
        "value": {"type": "numeric", "missing": [9999]},
        "confidence": 0.48,
        "check": True,
        "reason": "0 to 20; is 9999 missing? it is there 12 times",
        "n_fitting": 40,
        "n_cells": 40,
        "rivals": ["9999 is a value"],
    }
    assert found["cohort", "split"]["confidence"] is None
    assert (tmp_path / "mmfeat.yaml").exists()


def test_where_nothing_is_doubtful_there_is_nothing_to_look_at(mmfeat, table, tmp_path, capsys):
    table.drop(columns="packs").to_csv(tmp_path / "table.csv", index=False)
    assert mmfeat("init", "-m", "table.csv") == exit_codes.DONE
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "Next: run `mmfeat config check mmfeat.yaml`"


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet", "xlsx"])
def test_what_it_wrote_passes_the_check(mmfeat, table, tmp_path, capsys, ending):
    write = {
        "csv": table.to_csv,
        "tsv": lambda file, index: table.to_csv(file, sep="\t", index=index),
        "parquet": table.to_parquet,
        "xlsx": table.to_excel,
    }[ending]
    write(tmp_path / f"other.{ending}", index=False)
    assert mmfeat("init", "-m", f"other.{ending}", "-o", "sub/my.yaml") == exit_codes.DONE
    capsys.readouterr()
    assert mmfeat("config", "check", "sub/my.yaml", "--json") == exit_codes.DONE
    summary = json.loads(capsys.readouterr().out)
    assert summary["faults"] == []
    assert (summary["n_cases"], summary["n_patients"]) == (N_ROWS, N_ROWS // 2)
    assert summary["modalities"] == {"ct": 2, "clinical": N_ROWS}
    assert summary["targets"]["cancer"]["counts"] == {"1": 13}


def test_targets_can_be_named_several_times(mmfeat, table, capsys):
    assert mmfeat("init", "-m", "table.csv", "--target", "age", "--target", "site") == 0
    assert "  targets: age, site\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-m", "none.csv"], "error: none.csv: no such file"),
        (["-m", "table.csv", "--target", "cancr"], "did you mean `cancer`?"),
        (["-m", "table.csv", "-o", "a.json"], "error: a.json: settings are YAML"),
        (["-m", "a.nii"], "error: a.nii: tables are not read from `.nii` files"),
        (["-m", "."], "error: .: is a folder"),
    ],
)
def test_what_a_user_can_mend_is_one_line_and_exit_code_two(
    mmfeat, table, tmp_path, capsys, arguments, message
):
    assert mmfeat("init", *arguments) == exit_codes.USER_CAN_MEND
    shown = capsys.readouterr()
    assert message in shown.err
    assert len(shown.err.splitlines()) == 1
    assert shown.out == ""
    assert not (tmp_path / "mmfeat.yaml").exists()


def test_settings_that_are_there_are_replaced_only_when_told(mmfeat, table, tmp_path, capsys):
    (tmp_path / "mmfeat.yaml").write_text("mine\n")
    assert mmfeat("init", "-m", "table.csv") == exit_codes.USER_CAN_MEND
    assert "pass --overwrite to replace it" in capsys.readouterr().err
    assert (tmp_path / "mmfeat.yaml").read_text() == "mine\n"
    assert mmfeat("init", "-m", "table.csv", "--overwrite") == exit_codes.DONE


def test_a_table_is_needed(mmfeat, capsys):
    assert mmfeat("init") == exit_codes.USER_CAN_MEND
    assert "--manifest" in capsys.readouterr().err
