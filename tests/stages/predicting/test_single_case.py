import json

import pandas as pd
import pytest

from mmfeat.config.loading import load_project
from mmfeat.errors import CohortError, ConfigError
from mmfeat.stages.predicting.new_cases import read_new_cases
from mmfeat.stages.predicting.single_case import read_single_case

from ..predicted_cohort import write_predicted_cohort


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return load_project(write_predicted_cohort(tmp_path_factory.mktemp("single")))


@pytest.fixture
def record(tmp_path):
    def write(content):
        file = tmp_path / "record.json"
        file.write_text(content if isinstance(content, str) else json.dumps(content))
        return file

    return write


def _read(project, scans, record=None):
    return read_single_case(project, scans=scans, record=record, files={})


def test_a_scan_and_a_record_are_read_as_the_row_of_a_table_would_be(project, record):
    table = pd.read_csv(project.path("new.csv"), dtype=str)
    row = table.iloc[0]
    of_table = read_new_cases(project, project.path("new.csv"), files={}, needs_patients=True)
    scan = project.path(row.ct)
    content = {"case_id": "c60", "patient_id": "p60", "age": float(row.age), "lobe": row.lobe}
    single = _read(project, {"ct": [scan]}, record(content))
    assert single.cohort.case_ids == ("c60",)
    assert single.cohort.sources["ct"][0] == of_table.cohort.sources["ct"][0]
    for name, column in single.records["clinical"].columns.items():
        assert column.values[0] == of_table.records["clinical"].columns[name].values[0]
    assert single.has_patients


def test_whoever_is_not_named_is_a_case_whose_patient_is_unknown(project, record):
    found = _read(project, {}, record({"age": 60, "lobe": None}))
    assert (found.cohort.case_ids, found.has_patients) == (("case",), False)
    assert "ct" not in found.project.settings.modalities
    assert found.records["clinical"].present.tolist() == [True]


def test_a_scan_alone_has_no_record(project):
    found = _read(project, {"ct": [project.path("scans/60.nii.gz")]})
    assert found.records["clinical"].present.tolist() == [False]
    assert any("unknown in every row: `age`, `lobe`" in note for note in found.notes)


def test_what_cannot_be_read_is_one_line(project, record, tmp_path):
    scan = project.path("scans/60.nii.gz")
    with pytest.raises(ConfigError, match=r"--scan cta=\.\.\..*did you mean `ct`"):
        _read(project, {"cta": [scan]})
    with pytest.raises(ConfigError, match=r"has the column `ct`, too"):
        _read(project, {"ct": [scan]}, record({"ct": "other.nii.gz"}))
    with pytest.raises(CohortError, match=r"column `ct`: no such file"):
        _read(project, {"ct": [tmp_path / "none.nii.gz"]})
    with pytest.raises(CohortError, match=r"column `age`: .*found `old`"):
        _read(project, {}, record({"age": "old"}))
    with pytest.raises(CohortError, match="cannot be read as JSON"):
        _read(project, {}, record("{"))
    with pytest.raises(CohortError, match="holds a list; one object"):
        _read(project, {}, record([1]))
    with pytest.raises(CohortError, match="`age` is a list or an object"):
        _read(project, {}, record({"age": [60]}))
    with pytest.raises(CohortError, match="no such file; give a JSON file"):
        _read(project, {}, tmp_path / "none.json")


def test_which_of_several_scans_is_the_latest_has_to_be_known(project):
    ct = project.settings.modalities["ct"].model_copy(update={"several": "latest"})
    settings = project.settings.model_copy(
        update={"modalities": {**project.settings.modalities, "ct": ct}}
    )
    scans = [project.path("scans/60.nii.gz"), project.path("scans/61.nii.gz")]
    latest = type(project)(settings, project.file)
    with pytest.raises(ConfigError, match="of 2 scans the latest counts"):
        _read(latest, {"ct": scans})
    assert len(_read(project, {"ct": scans}).cohort.sources["ct"][0]) == 2
