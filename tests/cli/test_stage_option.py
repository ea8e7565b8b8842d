import json

import pytest
from mmfeat.cli import exit_codes
from mmfeat.cli.stage_option import stage_override

from ..in_process import run_mmfeat
from ..stages.extraction_cohort import MadeCohort, write_scan


@pytest.mark.parametrize("folder", ["$TMPDIR/mmfeat", "~/stage", "/scratch/a b: c"])
def test_a_folder_that_is_not_relative_is_passed_on_as_it_is(folder):
    assert stage_override(folder) == [f"extract.stage={json.dumps(folder)}"]


def test_no_option_is_no_setting_and_a_relative_folder_is_that_of_the_caller(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert stage_override(None) == []
    assert stage_override("stage") == [f'extract.stage="{tmp_path}/stage"']


def test_an_extraction_stages_where_it_is_told_and_leaves_nothing_there(tmp_path):
    folder = tmp_path / "project"
    MadeCohort(folder, {"a": "a.nii.gz", "b": "b.nii.gz"}).write()
    for seed, name in enumerate("ab"):
        write_scan(folder / f"{name}.nii.gz", seed)
    staged = run_mmfeat("extract", "--stage", f"{tmp_path}/on disk", "--json", folder=folder)
    assert staged.code == exit_codes.DONE, staged.err
    assert json.loads(staged.out)["modalities"][0]["n_extracted"] == 2
    assert list((tmp_path / "on disk").iterdir()) == []


def test_a_variable_that_is_not_set_is_refused_in_one_line(tmp_path):
    MadeCohort(tmp_path, {"a": "a.nii.gz", "b": "b.nii.gz"}).write()
    for seed, name in enumerate("ab"):
        write_scan(tmp_path / f"{name}.nii.gz", seed)
    refused = run_mmfeat("extract", "--stage", "$NO_SUCH_FOLDER_OF_MINE", folder=tmp_path)
    assert refused.code == exit_codes.USER_CAN_MEND
    assert "`$NO_SUCH_FOLDER_OF_MINE` has a variable that is not set here" in refused.err
