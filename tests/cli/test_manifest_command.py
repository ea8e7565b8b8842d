"""`mmfeat manifest list`, `show`, `sample` and `make`, on the cohort with the smallest sample."""

import json

import pytest
from mmfeat.cli import exit_codes
from mmfeat.data_manifests import COHORTS

from ..in_process import run_mmfeat


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cohort")
    ended = run_mmfeat("manifest", "sample", "stoic", "download", folder=folder)
    assert ended.code == exit_codes.DONE
    assert ended.out.splitlines() == [
        "download: a made-up download of stoic, nothing in it is real",
        "Next: mmfeat manifest make stoic download --output stoic-made-up",
    ]
    return folder


def test_every_cohort_is_listed(mmfeat_shown):
    code, out, _ = mmfeat_shown("manifest", "list", columns=160)
    assert code == exit_codes.DONE
    assert all(f" {name} " in out for name in COHORTS)
    listed = json.loads(mmfeat_shown("manifest", "list", "--json")[1])
    assert [cohort["name"] for cohort in listed] == list(COHORTS)


def test_a_cohort_is_shown_with_access_licence_and_citation(mmfeat_shown):
    _, out, _ = mmfeat_shown("manifest", "show", "nlst")
    facts = json.loads(mmfeat_shown("manifest", "show", "nlst", "--json")[1])
    for text in (facts["homepage"], facts["access"], facts["licence"], *facts["variants"]):
        assert text in out
    _, readme, _ = mmfeat_shown("manifest", "show", "nlst", "--readme")
    assert readme.startswith("# ")
    assert "not seen by us" in readme.lower()


def test_make_says_what_is_in_it_and_what_to_do_next(sample):
    ended = run_mmfeat("manifest", "make", "stoic", "download", "-o", "made here", folder=sample)
    assert ended.code == exit_codes.DONE
    lines = ended.out.splitlines()
    assert lines[0] == "made here: stoic (scans), 36 cases of 36 patients"
    assert any(line.startswith("  severe (binary): ") for line in lines)
    assert lines[-2] == "What was read and what was left out: made here/manifest.json"
    settings = "'made here/mmfeat.yaml'"  # a shell takes it for one word
    assert lines[-1] == f"Next: mmfeat config check {settings}, then mmfeat run {settings}"
    again = run_mmfeat("manifest", "make", "stoic", "download", "-o", "made here", folder=sample)
    assert again.code == exit_codes.USER_CAN_MEND
    assert "is there already; pass --overwrite" in again.err


def test_a_dry_run_writes_nothing(sample):
    arguments = ("manifest", "make", "stoic", "download", "-o", "dry", "--dry-run")
    ended = run_mmfeat(*arguments, folder=sample)
    assert ended.out.splitlines()[0] == "nothing written: stoic (scans), 36 cases of 36 patients"
    assert ended.out.splitlines()[-1] == "Next: the same command without --dry-run"
    document = json.loads(run_mmfeat(*arguments, "--json", folder=sample).out)
    assert (document["files"], document["summary"]["n_cases"]) == ([], 36)
    assert not (sample / "dry").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "stoik"], "error: stoik: no such cohort"),
        (["make", "stoic", "none", "-o", "x"], "error: none: no such folder"),
        (["make", "stoic", "empty", "-o", "x"], "error: empty"),
        (["make", "stoic", "download", "-o", "x", "--variant", "scan"], "did you mean `scans`?"),
        (["sample", "stoic", "download"], "error: download: is there and not an empty folder"),
        (["sample", "stoic", "file/inside"], "error: file/inside: cannot be written"),
    ],
)
def test_what_a_user_can_mend_is_one_line_and_exit_code_two(sample, arguments, message):
    (sample / "empty").mkdir(exist_ok=True)
    (sample / "file").touch()
    ended = run_mmfeat("manifest", *arguments, folder=sample)
    assert (ended.code, ended.out) == (exit_codes.USER_CAN_MEND, "")
    assert message in ended.err
    assert len(ended.err.splitlines()) == 1
    assert not (sample / "x").exists()
