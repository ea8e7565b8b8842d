import numpy as np
import pandas as pd
import pytest
import yaml

from mmfeat.config.loading import load_project
from mmfeat.errors import CohortError, ConfigError
from mmfeat.stages.predicting.new_cases import read_new_cases
from mmfeat.stages.predicting.run_settings import (
    check_files,
    with_cache,
    with_overrides,
    with_weights,
)

from ..predicted_cohort import write_predicted_cohort


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A project with scans in a column and in a table, and with embeddings."""
    folder = tmp_path_factory.mktemp("new")
    file = write_predicted_cohort(folder)
    settings = yaml.safe_load(file.read_text())
    settings["modalities"]["earlier"] = {
        "kind": "volume",
        "scans": {"file": "scans.csv", "case": "case_id", "path": "path"},
        "encoder": "intensity-stats",
    }
    settings["modalities"]["slides"] = {"kind": "features", "file": "slides.npz"}
    file.write_text(yaml.safe_dump(settings, sort_keys=False))
    new = pd.read_csv(folder / "new.csv", dtype=str)
    pd.DataFrame({"case_id": new.case_id[:2], "path": new.ct[:2]}).to_csv(
        folder / "later-scans.csv", index=False
    )
    np.savez(
        folder / "later.npz", case_id=new.case_id[:1].to_numpy(str), feature=np.ones((1, 3), "f4")
    )
    return folder


@pytest.fixture
def project(folder):
    return load_project(folder / "mmfeat.yaml")


def _read(project, manifest, files=(), *, needs_patients=True):
    return read_new_cases(project, manifest, files=dict(files), needs_patients=needs_patients)


def test_modalities_that_are_no_columns_are_absent_unless_their_file_is_given(project, folder):
    plain = _read(project, folder / "new.csv")
    assert set(plain.project.settings.modalities) == {"ct", "clinical"}
    assert "`earlier`: no case has it, as no table of scans was given" in plain.notes
    assert "`slides`: no case has it, as no file of embeddings was given" in plain.notes
    files = {"earlier": folder / "later-scans.csv", "slides": folder / "later.npz"}
    whole = _read(project, folder / "new.csv", files)
    assert set(whole.project.settings.modalities) == {"ct", "clinical", "earlier", "slides"}
    assert [len(scans) for scans in whole.cohort.sources["earlier"]][:3] == [1, 1, 0]
    assert whole.project.settings.modalities["slides"].file == folder / "later.npz"


def test_targets_sites_and_splits_are_not_asked_for_and_not_remarked_on(project, folder, tmp_path):
    table = pd.read_csv(folder / "new.csv", dtype=str).assign(cancer="9", ward="B")
    table.ct = [str(folder / path) for path in table.ct]
    table.to_csv(tmp_path / "new.csv", index=False)
    found = _read(project, tmp_path / "new.csv")
    assert found.cohort.targets == {}
    assert [note for note in found.notes if "not looked at" in note] == [
        "not in the settings, so not looked at: `ward`"
    ]


def test_all_faults_of_a_table_are_listed_at_once(project, folder, tmp_path):
    table = pd.read_csv(folder / "new.csv", dtype=str)
    table.loc[0, "ct"], table.loc[1, "age"], table.loc[2, "case_id"] = "none.nii", "old", "c60"
    table.loc[3:, "ct"] = ""
    table.to_csv(tmp_path / "bad.csv", index=False)
    with pytest.raises(CohortError) as refused:
        _read(project, tmp_path / "bad.csv")
    assert {fault.column for fault in refused.value.faults} == {"ct", "age", "case_id"}


def test_a_table_without_any_column_of_the_record_has_no_records(project, folder, tmp_path):
    table = pd.read_csv(folder / "new.csv", dtype=str)[["case_id", "patient_id", "ct"]]
    table.ct = [str(folder / path) for path in table.ct]
    table.to_csv(tmp_path / "scans-only.csv", index=False)
    found = _read(project, tmp_path / "scans-only.csv")
    assert not found.records["clinical"].present.any()
    assert any("`age`, `lobe`" in note for note in found.notes)


def test_files_weights_cache_and_settings_are_taken_where_they_mean_something(project, folder):
    check_files(project, {"earlier": folder / "later-scans.csv"})
    for name in ("ct", "clinical", "else"):
        with pytest.raises(ConfigError, match=rf"--file {name}=\.\.\.: the run has no modality"):
            check_files(project, {name: folder / "later.npz"})
    with pytest.raises(ConfigError, match="no such file"):
        check_files(project, {"slides": folder / "none.npz"})
    weighted = with_weights(project, {"ct": folder / "w.pt"})
    assert weighted.settings.modalities["ct"].weights == folder / "w.pt"
    assert with_cache(project, folder / "c").settings.extract.cache == folder / "c"
    changed = with_overrides(project, ["extract.workers=3"])
    assert changed.settings.extract.workers == 3
    assert with_overrides(project, []) is project
    with pytest.raises(ConfigError, match=r"only `extract\.` and `modalities\.` can be set"):
        with_overrides(project, ["eval.seed=3"])
    with pytest.raises(ConfigError, match=r"--set.*workers"):
        with_overrides(project, ["extract.workers=none"])
