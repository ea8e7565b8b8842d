"""The commands of `mmfeat cache` say what they found, and end with the right code."""

import json
import shutil
from dataclasses import replace

import h5py
import numpy as np
import pytest
from mmfeat.cli import exit_codes

from mmfeat.cache import CacheFolder, FeatureRow
from mmfeat.config.loading import load_project
from mmfeat.stages.volume_encoder import volume_encoder
from mmfeat.volumes import source_sha256, source_stat

from ..cache.conftest import IDENTITY, TOKEN_IDENTITY, make_rows, make_token_rows
from ..stages.extraction_cohort import make_cohort


@pytest.fixture
def folder(tmp_path):
    folder = CacheFolder.open(tmp_path / "cache", "ct", IDENTITY)
    folder.commit(make_rows(1, 2))
    folder.commit(make_rows(3))
    return folder


@pytest.fixture
def told(capsys):
    """A function that returns what was printed since the last call, parsed as one JSON object."""

    def read():
        return json.loads(capsys.readouterr().out)

    return read


def _error(capsys):
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = [line for line in captured.err.splitlines() if "error:" in line]
    return line


def _tear(folder):
    path = next(folder.path.glob("*.h5"))
    path.write_bytes(path.read_bytes()[:-50])
    return path


def test_info_shows_one_folder_with_its_recipe(mmfeat, folder, capsys):
    assert mmfeat("cache", "info", "cache") == exit_codes.DONE
    out = capsys.readouterr().out
    assert "encoder:     mean\n" in out
    assert "cases:       3, 3 rows\n" in out
    assert "recipe: {spacing_mm: 1.5, version: 1}\n" in out


def test_info_shows_many_folders_in_a_table_and_all_of_them_as_json(mmfeat, folder, capsys, told):
    CacheFolder.open(folder.path.parents[1], "pet", IDENTITY)
    assert mmfeat("cache", "info", "cache") == exit_codes.DONE
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in lines[2:]] == [
        [f"{modality}/{folder.path.name}", "mean", cases]
        for modality, cases in (("ct", "3"), ("pet", "0"))
    ]
    assert mmfeat("cache", "info", "cache", "--json") == exit_codes.DONE
    assert [one["n_cases"] for one in told()["folders"]] == [3, 0]


def test_info_and_verify_find_the_cache_of_a_settings_file(mmfeat, tmp_path, told):
    cohort = make_cohort(tmp_path / "cohort", 1)
    CacheFolder.open(cohort.folder / "cache", "ct", IDENTITY)
    for command in ("info", "verify"):
        assert mmfeat("cache", command, cohort.config, "--json") == exit_codes.DONE
        assert len(told()["folders"]) == 1


def test_verify_says_sound_or_what_is_wrong_and_ends_with_three(mmfeat, folder, capsys, told):
    assert mmfeat("cache", "verify", "cache") == exit_codes.DONE
    assert ": sound; 3 sound rows, 2 shards, " in capsys.readouterr().out
    path = _tear(folder)
    assert mmfeat("cache", "verify", "cache") == exit_codes.SOME_FAILED
    assert f"{path.name}: is torn or damaged" in capsys.readouterr().out
    assert mmfeat("cache", "verify", "cache", "--json") == exit_codes.SOME_FAILED
    assert told()["n_problems"] == 1
    assert mmfeat("cache", "info", "cache", "--json") == exit_codes.SOME_FAILED
    assert "is torn or damaged" in told()["folders"][0]["damage"]


def test_merge_takes_over_and_says_what_a_dry_run_would(mmfeat, folder, capsys, told, tmp_path):
    assert mmfeat("cache", "merge", "cache", "--into", "all", "--dry-run") == exit_codes.DONE
    assert "would take 3 rows of 1 folders" in capsys.readouterr().out
    assert not (tmp_path / "all").exists()
    assert mmfeat("cache", "merge", "cache", "--into", "all", "--json") == exit_codes.DONE
    assert told()["folders"][0]["n_copied"] == 3
    assert mmfeat("cache", "merge", "cache", "--into", "all") == exit_codes.DONE
    assert "took 0 rows of 1 folders; 3 were there already" in capsys.readouterr().out


def test_merge_refuses_other_bits_unless_they_are_tolerated(mmfeat, folder, capsys, tmp_path):
    (row,) = make_rows(1)
    other = CacheFolder.open(tmp_path / "all", "ct", IDENTITY)
    feature = row.feature * np.float32(1 + 1e-6)
    other.commit([FeatureRow(row.case_id, row.source_sha256, "s", feature)])
    arguments = ("cache", "merge", "cache", "--into", "all")
    assert mmfeat(*arguments) == exit_codes.USER_CAN_MEND
    assert "differ, of 1 scans: case-0001; the largest difference is " in _error(capsys)
    assert mmfeat(*arguments, "--tolerance", "1e-4") == exit_codes.DONE
    out = capsys.readouterr().out
    assert "1 rows were there with other bits and stay as they are" in out
    assert "    case-0001: " in out


def test_diff_ends_with_zero_only_within_the_tolerance(mmfeat, folder, capsys, told, tmp_path):
    shutil.copytree(tmp_path / "cache", tmp_path / "other")
    assert mmfeat("cache", "diff", "cache", "other") == exit_codes.DONE
    out = capsys.readouterr().out
    assert "recipe: the same" in out
    assert "3 of the same scan, 3 of them equal bit for bit" in out
    moved = CacheFolder.open(tmp_path / "moved", "ct", {**IDENTITY, "encoder": "median"})
    moved.commit(
        [
            FeatureRow(row.case_id, row.source_sha256, "s", row.feature * np.float32(1.01))
            for row in make_rows(1, 2, 3)
        ]
    )
    assert mmfeat("cache", "diff", "cache", "moved") == exit_codes.SOME_FAILED
    out = capsys.readouterr().out
    assert 'recipe: encoder ("mean" there, "median" here)' in out
    assert "not equal within 0" in out
    arguments = ("cache", "diff", "cache", "moved", "--tolerance", "0.011", "--json")
    assert mmfeat(*arguments) == exit_codes.DONE
    found = told()
    assert (found["equal"], found["numbers"]["n_bit_equal"]) == (True, 0)


def test_diff_names_cases_of_one_side_and_refuses_several_folders(mmfeat, folder, capsys, tmp_path):
    other = CacheFolder.open(tmp_path / "other", "ct", IDENTITY)
    other.commit(make_rows(1, 4))
    assert mmfeat("cache", "diff", "cache", "other") == exit_codes.SOME_FAILED
    out = capsys.readouterr().out
    assert "  2 only in A: case-0002, case-0003\n" in out
    assert "  1 only in B: case-0004\n" in out
    CacheFolder.open(tmp_path / "other", "pet", IDENTITY)
    assert mmfeat("cache", "diff", "cache", "other") == exit_codes.USER_CAN_MEND
    assert "holds 2 cache folders; name one of them" in _error(capsys)


def test_compact_says_before_and_after(mmfeat, folder, capsys, told):
    assert mmfeat("cache", "compact", "cache", "--dry-run", "--json") == exit_codes.DONE
    assert told()["folders"][0]["n_shards_after"] == 1
    assert len(list(folder.path.glob("*.h5"))) == 2
    assert mmfeat("cache", "compact", "cache") == exit_codes.DONE
    assert ": 2 shards, " in capsys.readouterr().out
    assert len(list(folder.path.glob("*.h5"))) == 1


def test_rm_stale_lists_and_removes_only_with_yes(mmfeat, tmp_path, capsys, told):
    cohort = make_cohort(tmp_path / "cohort", 2)
    project = load_project(cohort.config)
    made = volume_encoder(project, project.settings.modalities["ct"], device="cpu")
    folder = CacheFolder.open(cohort.folder / "cache", "ct", made.identity)
    path = cohort.folder / cohort.scans["case-000"]
    stamp = (source_sha256(path), source_stat(path))
    folder.commit(
        [FeatureRow(case, *stamp, np.ones(3, np.float32)) for case in ("case-000", "gone")]
    )
    old = CacheFolder.open(cohort.folder / "cache", "ct", {**made.identity, "embedding_size": 1})
    assert mmfeat("cache", "rm-stale", cohort.config) == exit_codes.DONE
    out = capsys.readouterr().out
    assert f"  folder {old.path}: 0 cases" in out
    assert "differs in embedding_size (1 there, 89 here)" in out
    assert "  1 features: the manifest lists no scan of this case: gone\n" in out
    assert "nothing was removed; add --yes to remove it" in out
    assert set(folder.index()) == {"case-000", "gone"}
    assert mmfeat("cache", "rm-stale", cohort.config, "--yes", "--json") == exit_codes.DONE
    assert told()["removed"] is True
    assert set(folder.index()) == {"case-000"}
    assert not old.path.exists()
    assert mmfeat("cache", "rm-stale", cohort.config) == exit_codes.DONE
    assert capsys.readouterr().out == "ct: stale: nothing\n"


@pytest.mark.parametrize("command", ["info", "verify", "compact"])
def test_a_place_without_a_cache_is_a_plain_error(mmfeat, capsys, command, tmp_path):
    assert mmfeat("cache", command, "nowhere") == exit_codes.USER_CAN_MEND
    assert "nowhere: no such folder; name the folder that" in _error(capsys)
    assert mmfeat("cache", command, tmp_path) == exit_codes.USER_CAN_MEND
    assert "no features in this folder" in _error(capsys)


@pytest.fixture
def token_folder(tmp_path):
    folder = CacheFolder.open(tmp_path / "tokens", "ct", TOKEN_IDENTITY)
    folder.commit(make_token_rows(0, 1, 2))
    return folder


def test_info_shows_tokens_and_their_bytes(
    mmfeat, mmfeat_shown, folder, token_folder, capsys, told
):
    assert mmfeat("cache", "info", "tokens") == exit_codes.DONE
    out = capsys.readouterr().out
    assert "tokens:      6 of 3 values, 1 to 3 a scan, 72 bytes\n" in out
    assert mmfeat("cache", "info", "tokens", "--json") == exit_codes.DONE
    assert told()["folders"][0]["tokens"]["n_bytes"] == 72
    assert mmfeat("cache", "info", "cache") == exit_codes.DONE
    assert "tokens:      none\n" in capsys.readouterr().out
    CacheFolder.open(token_folder.path.parents[1], "pet", IDENTITY)
    heading, _, *lines = mmfeat_shown("cache", "info", "tokens", columns=120)[1].splitlines()
    column = heading.split().index("tokens")
    assert [line.split()[column] for line in lines] == ["6", "-"]


def test_diff_and_verify_look_at_tokens_too(mmfeat, token_folder, capsys, tmp_path):
    other = CacheFolder.open(tmp_path / "other", "ct", TOKEN_IDENTITY)
    rows = make_token_rows(0, 1, 2)
    moved = rows[2].tokens + np.float32(1e-3)
    other.commit([*rows[:2], replace(rows[2], tokens=moved)])
    assert mmfeat("cache", "diff", "tokens", "other") == exit_codes.SOME_FAILED
    out = capsys.readouterr().out
    assert "features: 3 of the same scan, 3 of them equal bit for bit" in out
    assert "tokens, all of a scan as one: 3 of the same scan, 2 of them equal bit for bit" in out
    assert "case-0002" in out
    assert mmfeat("cache", "diff", "tokens", "other", "--tolerance", "0.01") == exit_codes.DONE
    with h5py.File(next(other.path.glob("*.h5")), "r+") as file:
        file["tokens/feature"][0, 0] += 1
    capsys.readouterr()
    assert mmfeat("cache", "verify", "other") == exit_codes.SOME_FAILED
    assert "the tokens of case-0000 are damaged" in capsys.readouterr().out


def test_merge_takes_tokens_along(mmfeat, token_folder, tmp_path, capsys):
    assert mmfeat("cache", "merge", "tokens", "--into", "joint") == exit_codes.DONE
    joint = CacheFolder.find(tmp_path / "joint", "ct", TOKEN_IDENTITY)
    wanted = [(row.case_id, None) for row in make_token_rows(2, 0, 1)]
    np.testing.assert_array_equal(
        joint.read_tokens(wanted).tokens, token_folder.read_tokens(wanted).tokens
    )
