"""`--trust-code`: nothing that weights bring runs without it, in any command."""

import sys
from pathlib import Path

import pytest
import yaml
from mmfeat.cli import exit_codes

from ..encoders.own.test_exported_program import malicious_export
from ..encoders.own_networks import RECIPE, export, small, write_folder
from ..tiny_cohort import write_cohort

REFUSED = "brings code, which could do anything that you can on this machine, so it is not opened"


@pytest.fixture
def touched(tmp_path):
    """A path at which the malicious weights make something once they are opened."""
    return tmp_path / "touched"


@pytest.fixture(params=["exported", "hub-folder"])
def malicious(request, tmp_path, touched):
    """Settings whose encoder would touch a path."""
    if request.param == "exported":
        weights = malicious_export(tmp_path / "bad.pt2", touched)
    else:
        weights = write_folder(tmp_path / "bad", on_import=f"Path({str(touched)!r}).touch()")
    return _write_settings(tmp_path, request.param, weights)


def _write_settings(folder, encoder, weights):
    write_cohort(folder, 8)
    take = "" if encoder == "exported" else "take: pooler_output, "
    (folder / "recipe.yaml").write_text(RECIPE.replace("output: {", f"output: {{{take}"))
    ct = {"kind": "volume", "column": "ct", "encoder": encoder, "weights": weights.name}
    settings = {
        "cohort": {
            "manifest": "manifest.csv",
            "targets": {"cancer": {"kind": "binary", "column": "cancer"}},
            "split": {"folds": 2, "column": None},
        },
        "modalities": {"ct": ct | {"recipe_file": "recipe.yaml"}},
    }
    (folder / "mmfeat.yaml").write_text(yaml.safe_dump(settings))
    return folder / "mmfeat.yaml"


@pytest.mark.parametrize(
    "command",
    [
        ["extract", "mmfeat.yaml"],
        ["doctor", "mmfeat.yaml"],
        ["inspect", "scan0.nii.gz", "--config", "mmfeat.yaml"],
        ["extract", "mmfeat.yaml", "--dry-run"],
        ["status", "mmfeat.yaml"],
        ["cache", "rm-stale", "mmfeat.yaml"],
        ["encoders", "show", "exported", "--recipe-file", "recipe.yaml"],
        ["encoders", "list"],
        ["config", "check", "mmfeat.yaml"],
        ["run", "mmfeat.yaml"],
    ],
    ids=" ".join,
)
def test_no_command_runs_what_weights_bring_unless_it_is_trusted(
    mmfeat_shown, malicious, touched, command
):
    mmfeat_shown(*command)
    assert not touched.exists()


@pytest.mark.slow
@pytest.mark.parametrize("command", ["extract", "doctor", "run"])
def test_commands_that_load_it_do_so_once_it_is_trusted(mmfeat, malicious, touched, command):
    mmfeat(command, "mmfeat.yaml", "--trust-code")
    assert touched.exists()


@pytest.fixture
def harmless(tmp_path):
    """Settings with a small exported network."""
    return _write_settings(tmp_path, "exported", export(small(), tmp_path / "net.pt2"))


def test_extract_says_what_to_add_and_then_extracts(mmfeat_shown, harmless):
    code, _, err = mmfeat_shown("extract", "mmfeat.yaml")
    assert code == exit_codes.USER_CAN_MEND
    assert REFUSED in err
    assert "add --trust-code to the command, such as `mmfeat extract --trust-code`" in err
    code, out, _ = mmfeat_shown("extract", "mmfeat.yaml", "--trust-code")
    assert code == exit_codes.DONE
    assert "extracted" in out


def test_where_all_is_extracted_no_trust_is_needed_any_more(mmfeat_shown, harmless):
    mmfeat_shown("extract", "mmfeat.yaml", "--trust-code")
    code, _, _ = mmfeat_shown("extract", "mmfeat.yaml")
    assert code == exit_codes.DONE


def test_what_only_digests_needs_no_trust(mmfeat_shown, harmless):
    for command in (
        ["status"],
        ["extract", "--dry-run"],
        ["inspect", "scan0.nii.gz", "--config"],
        ["cache", "rm-stale"],
    ):
        code, _, err = mmfeat_shown(*command, "mmfeat.yaml")
        assert code == exit_codes.DONE, err


def test_doctor_says_what_to_add_and_is_content_with_it(mmfeat_shown, harmless):
    code, out, _ = mmfeat_shown("doctor", "mmfeat.yaml", "--no-volume", columns=400)
    assert code == exit_codes.USER_CAN_MEND
    assert "add --trust-code to the command" in out
    _, out, _ = mmfeat_shown("doctor", "mmfeat.yaml", "--no-volume", "--trust-code", columns=400)
    assert "add --trust-code" not in out
    assert "exported: " in out


def test_inspect_shows_what_a_network_of_ones_own_sees(mmfeat_shown, harmless):
    encoder = ["--encoder", "exported", "--weights", "net.pt2"]
    code, out, err = mmfeat_shown(
        "inspect", "scan0.nii.gz", *encoder, "--recipe-file", "recipe.yaml"
    )
    assert code == exit_codes.DONE, err
    assert "1 x 8 x 16 x 16" in out
    code, _, err = mmfeat_shown("inspect", "scan0.nii.gz", "--recipe-file", "recipe.yaml")
    assert code == exit_codes.USER_CAN_MEND
    assert "--recipe-file needs --encoder" in err


def test_the_flag_changes_nothing_for_other_encoders(mmfeat, harmless):
    settings = yaml.safe_load(harmless.read_text())
    settings["modalities"]["ct"] = {
        "kind": "volume",
        "column": "ct",
        "encoder": "intensity-stats",
    }
    harmless.write_text(yaml.safe_dump(settings))
    assert mmfeat("extract", "mmfeat.yaml", "--trust-code") == exit_codes.DONE
    (one,) = Path("cache/ct").iterdir()
    assert mmfeat("extract", "mmfeat.yaml") == exit_codes.DONE
    assert list(Path("cache/ct").iterdir()) == [one]


def test_it_is_no_setting(mmfeat_shown, harmless):
    code, _, err = mmfeat_shown("extract", "mmfeat.yaml", "--set", "extract.trust_code=true")
    assert code == exit_codes.USER_CAN_MEND
    assert "unknown key `extract.trust_code`" in err


@pytest.mark.parametrize("given", ["tap-ct", "tapct", "recipe.yml"])
def test_a_recipe_is_named_by_its_name_or_by_a_path(mmfeat_shown, harmless, given):
    code, _, err = mmfeat_shown(
        "extract", "mmfeat.yaml", "--dry-run", "--set", f"modalities.ct.recipe_file={given}"
    )
    assert code == (exit_codes.DONE if given == "tap-ct" else exit_codes.USER_CAN_MEND)
    if given == "tapct":
        assert "no recipe is called `tapct`; did you mean `tap-ct`?" in err
    elif given == "recipe.yml":
        assert f"{harmless.parent}/recipe.yml: no such recipe file" in err


def test_a_package_that_is_broken_does_not_spoil_help_or_the_list(
    mmfeat_shown, tmp_path, monkeypatch
):
    (tmp_path / "broken_package.py").write_text("raise RuntimeError('imported')")
    folder = tmp_path / "broken_package-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Name: broken-package\nVersion: 1.0\n")
    entry = "[mmfeat.encoders]\nbroken = broken_package:Encoder\n"
    (folder / "entry_points.txt").write_text(entry)
    monkeypatch.syspath_prepend(tmp_path)
    code, _, _ = mmfeat_shown("extract", "--help")
    assert code == exit_codes.DONE
    assert "broken_package" not in sys.modules
    code, out, _ = mmfeat_shown("encoders", "list", columns=300)
    assert code == exit_codes.DONE
    assert "encoder broken of package broken-package 1.0: cannot be imported (RuntimeError" in out
