"""`mmfeat cache export` and `import` say what they did, and refuse in one line."""

import json
import signal

import numpy as np
import pytest
from mmfeat.cli import exit_codes
from mmfeat.cli.console import ProgressBar

from mmfeat.cache import CacheFolder, FeatureRow

VECTORS = np.array([[1, 2], [3, 4]], np.float32)


@pytest.fixture
def npz(tmp_path):
    np.savez(tmp_path / "e.npz", case_id=["c000", "x"], feature=VECTORS, label=[0, 1])
    return tmp_path / "e.npz"


@pytest.fixture
def folder(tmp_path):
    folder = CacheFolder.open(tmp_path / "made", "ct", {"encoder": "mean"})
    folder.commit([FeatureRow("a", "1" * 64, "", VECTORS[0])])
    return folder.path


TO = ("--into", "cache", "--modality", "ct", "--name", "my [encoder]")


def test_an_import_says_what_came_in_and_how_to_use_it(mmfeat, npz, capsys):
    assert mmfeat("cache", "import", npz, *TO) == exit_codes.DONE
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("cache/ct/")
    assert lines[0].endswith(": imported")
    assert lines[1:4] == [
        "  2 embeddings of 2 cases, 2 values each",
        "  ids: c000, x",
        "  not imported: label",
    ]
    place = lines[0].partition(":")[0]
    assert lines[4] == f"  in the settings: {{kind: features, file: {place}}}"
    assert mmfeat("cache", "import", npz, *TO) == exit_codes.DONE
    assert "is there already, nothing was written" in capsys.readouterr().out


def test_a_dry_run_as_json_counts_the_cohort_and_writes_nothing(
    mmfeat, npz, tmp_path, write_project, capsys
):
    write_project(tmp_path, 30)
    options = ("--dry-run", "--json", "--config", "mmfeat.yaml")
    assert mmfeat("cache", "import", npz, *TO, *options) == exit_codes.DONE
    said = json.loads(capsys.readouterr().out)
    assert said["matches"]["case_id"] == {"found": 1, "in_cohort": 30}
    assert (said["written"], said["there_before"], said["n_scans"]) == (False, False, 2)
    assert said["recipe"]["name"] == "my [encoder]"
    assert not (tmp_path / "cache").exists()
    mmfeat("cache", "import", npz, *TO, "--dry-run", "--config", "mmfeat.yaml")
    assert "  1 of 30 case_ids of the cohort are among the ids" in capsys.readouterr().out


def test_one_file_for_each_case_with_a_pattern(mmfeat, tmp_path, capsys):
    for name, vector in zip(("p1", "p2"), VECTORS, strict=True):
        (tmp_path / "out" / name).mkdir(parents=True)
        np.save(tmp_path / "out" / name / "emb.npy", vector)
    pattern = ("--pattern", r"(?P<case_id>p\d)/emb")
    assert mmfeat("cache", "import", "out", *TO, *pattern) == exit_codes.DONE
    assert "  ids: p1, p2" in capsys.readouterr().out


def test_an_export_says_what_went_where(mmfeat, folder, capsys):
    assert mmfeat("cache", "export", "made", "--to", "e.csv") == exit_codes.DONE
    first, *others = capsys.readouterr().out.splitlines()
    assert first == "e.csv: 1 scans of 1 cases, 2 values each"
    assert others[0] == f"  from {folder.relative_to(folder.parents[2])}, encoder mean"
    assert others[-1] == "  provenance in e.csv.provenance.json"
    assert mmfeat("cache", "export", "made", "--to", "e.npz", "--json") == exit_codes.DONE
    said = json.loads(capsys.readouterr().out)
    assert (said["file"], said["sidecar"]) == ("e.npz", None)
    assert said["provenance"]["n_scans"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("import", "nowhere", *TO), "nowhere: no such file or folder"),
        (("import", "p.npz", *TO), "`arr_0` is a pickled Python object"),
        (("import", "p.npz", *TO, "--trust-pickle"), "it names `builtins.print`"),
        (("import", "e.npz", *TO, "--key", "other"), "vectors in none of `other`"),
        (("import", "e.npz", *TO, "--pattern", "("), "--pattern (: is no regular expression"),
        (("import", "e.npz", *TO[:2], "--modality", "a/b", "--name", "x"), "--modality a/b: must"),
        (("export", "made", "--to", "e.npz"), "e.npz: is there already; choose another name"),
        (("export", "made", "--to", "e.xyz"), "its ending does not say the format"),
        (("export", "nowhere", "--to", "e.csv"), "nowhere: no such folder"),
    ],
)
def test_what_does_not_fit_is_one_line(mmfeat, npz, folder, tmp_path, capsys, arguments, message):
    np.savez(tmp_path / "p.npz", np.array({"a": print}, dtype=object))
    assert mmfeat("cache", *arguments) == exit_codes.USER_CAN_MEND
    said = capsys.readouterr()
    errors = [line for line in said.err.splitlines() if line.startswith("error: ")]
    assert said.out == ""
    assert len(errors) == 1
    assert message in errors[0]
    assert not (tmp_path / "cache").exists()


def test_a_stop_while_files_are_read_writes_nothing(mmfeat, tmp_path, monkeypatch, capsys):
    (tmp_path / "each").mkdir()
    for number in range(3):
        np.save(tmp_path / "each" / f"{number}.npy", VECTORS[0])
    read = ProgressBar.advance

    def advance(self, steps=1, note=""):
        signal.raise_signal(signal.SIGINT)
        read(self, steps, note)

    monkeypatch.setattr(ProgressBar, "advance", advance)
    assert mmfeat("cache", "import", "each", *TO) == exit_codes.STOPPED
    assert "Stopped: " in capsys.readouterr().err
    assert not (tmp_path / "cache").exists()
    monkeypatch.undo()


def test_an_export_of_tokens_says_whether_they_are_in_it(mmfeat, tmp_path, capsys):
    folder = CacheFolder.open(tmp_path / "kept", "ct", {"encoder": "mean", "tokens": {}})
    tokens = np.ones((2, 3), np.float32)
    folder.commit([FeatureRow("a", "1" * 64, "", VECTORS[0], tokens=tokens)])
    assert mmfeat("cache", "export", "kept", "--to", "e.npz") == exit_codes.DONE
    assert "  2 tokens, 3 values each\n" in capsys.readouterr().out
    assert mmfeat("cache", "export", "kept", "--to", "e.parquet") == exit_codes.DONE
    assert "  without the tokens, for which only .npz has room\n" in capsys.readouterr().out
    assert mmfeat("cache", "import", "e.npz", *TO) == exit_codes.DONE
    assert "  not imported: token_offset, token\n" in capsys.readouterr().out
