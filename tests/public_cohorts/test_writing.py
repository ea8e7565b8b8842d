"""What a builder made, written whole, and nothing of the user's replaced."""

import json
from pathlib import Path

import pandas as pd
import pytest

from mmfeat.errors import CohortError
from mmfeat.public_cohorts.built import BuiltCohort
from mmfeat.public_cohorts.writing import write_built

SETTINGS = {"mmfeat.yaml": "# first\n", "paper.yaml": "# second\n"}


@pytest.fixture
def download(tmp_path):
    (tmp_path / "download" / "scans" / "a").mkdir(parents=True)
    (tmp_path / "download" / "people.csv").write_text("pid\n1\n")
    return tmp_path / "download"


def built(**changes):
    table = pd.DataFrame(
        {"case_id": ["a", "b"], "patient_id": ["1", "1"], "age": [61.0, None], "ct": ["a;b", None]}
    )
    return BuiltCohort(**{"table": table, "settings": SETTINGS, "path_columns": ("ct",)} | changes)


def table_in(folder):
    return (folder / "table.csv").read_text().splitlines()


@pytest.mark.parametrize(
    ("place", "cell"),
    [
        ("made", "../download/a;../download/b"),
        ("download/made", "../a;../b"),
        ("", "download/a;download/b"),
        ("download", "a;b"),
        ("deep/er", "{download}/a;{download}/b"),
    ],
)
def test_paths_are_relative_where_download_and_output_stay_together(
    tmp_path, download, place, cell
):
    write_built(built(), {}, download=download, output=tmp_path / place)
    cell = cell.format(download=download)
    assert table_in(tmp_path / place) == ["case_id,patient_id,age,ct", f"a,1,61,{cell}", "b,1,,"]


def test_the_account_says_what_was_read_and_left_out(tmp_path, download):
    made = built(sources=(download / "people.csv",), left_out={"no scan": ("c", "d")})
    write_built(made, {"cohort": "nlst"}, download=download, output=tmp_path / "made")
    account = json.loads((tmp_path / "made" / "manifest.json").read_text())
    assert account["cohort"] == "nlst"
    assert (account["n_cases"], account["n_patients"]) == (2, 1)
    assert account["left_out"] == {"no scan": ["c", "d"]}
    (source,) = account["sources"]
    assert (source["file"], source["bytes"]) == ("people.csv", 6)


@pytest.mark.parametrize("source", ["people.csv", "download/people.csv"])
def test_a_source_is_named_as_found_or_within_the_download(tmp_path, download, source, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = built(sources=(Path(source),))
    write_built(made, {}, download=Path(download.name), output=Path("made"))
    account = json.loads((tmp_path / "made" / "manifest.json").read_text())
    assert account["sources"][0]["file"] == "people.csv"


def test_nothing_that_is_there_is_replaced_unless_told(tmp_path, download):
    output = tmp_path / "made"
    output.mkdir()
    (output / "paper.yaml").write_text("mine\n")
    with pytest.raises(CohortError, match=r"paper\.yaml: is there already; pass --overwrite"):
        write_built(built(), {}, download=download, output=output)
    assert [file.name for file in output.iterdir()] == ["paper.yaml"]
    written = write_built(built(), {}, download=download, output=output, overwrite=True)
    assert (output / "paper.yaml").read_text() == "# second\n"
    assert written.settings == (output / "mmfeat.yaml", output / "paper.yaml")
    assert sorted(file.name for file in output.iterdir()) == sorted(
        file.name for file in written.files
    )


def test_more_tables_texts_and_links_lie_beside_the_table(tmp_path, download):
    (download / "scans" / "1.npy").write_bytes(b"voxels")
    made = built(
        extra_tables={
            "scans.csv": pd.DataFrame({"ct": ["scans/a"]}),
            "embeddings.parquet": pd.DataFrame({"case_id": ["a"], "f0": [0.25]}),
        },
        texts={"headers/1.mhd": "text\n"},
        links={"headers/1.npy": "scans/1.npy"},
    )
    write_built(made, {}, download=download, output=tmp_path / "made")
    assert (tmp_path / "made/scans.csv").read_text() == "ct\n../download/scans/a\n"
    assert pd.read_parquet(tmp_path / "made/embeddings.parquet")["f0"].tolist() == [0.25]
    assert (tmp_path / "made/headers/1.mhd").read_text() == "text\n"
    assert (tmp_path / "made/headers/1.npy").read_bytes() == b"voxels"
    write_built(made, {}, download=download, output=tmp_path / "made", overwrite=True)
    assert (download / "scans" / "1.npy").read_bytes() == b"voxels"


def test_a_write_that_fails_leaves_nothing_of_its_own(tmp_path, download):
    broken = built(extra_tables={"scans.txt": pd.DataFrame()}, texts={"a.mhd": "text\n"})
    with pytest.raises(ValueError, match=r"got scans\.txt"):
        write_built(broken, {}, download=download, output=tmp_path / "made")
    assert list((tmp_path / "made").iterdir()) == []


def test_a_replacement_that_fails_leaves_no_settings_that_fit_half_of_it(tmp_path, download):
    write_built(built(), {}, download=download, output=tmp_path / "made")
    broken = built(extra_tables={"scans.txt": pd.DataFrame()})
    with pytest.raises(ValueError, match=r"got scans\.txt"):
        write_built(broken, {}, download=download, output=tmp_path / "made", overwrite=True)
    assert (tmp_path / "made" / "table.csv").exists()
    assert not (tmp_path / "made" / "mmfeat.yaml").exists()


def test_a_place_that_cannot_be_written_to_is_one_line(tmp_path, download):
    with pytest.raises(CohortError, match=r"people\.csv: is a file"):
        write_built(built(), {}, download=download, output=download / "people.csv")
    with pytest.raises(CohortError, match="cannot be written"):
        write_built(built(), {}, download=download, output=download / "people.csv" / "made")
