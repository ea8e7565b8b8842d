import numpy as np
import pytest
import yaml

from mmfeat.config.loading import load_project
from mmfeat.stages.cohort import open_cohort, open_folds
from mmfeat.stages.cohort_summary import summarise_cohort

TABLE = """\
case_id,patient_id,y,stage,f1,f2,days,died,size,age,ct,part
a,p,1,I,1,,5,1,1.5,60,a.nii,train
b,p,0,II,0,0,,,2.5,,a.nii,train
c,q,,II,,1,3,0,,61,,val
d,r,0,,,,9,0,3.5,62,,test
"""


@pytest.fixture
def summary(tmp_path):
    (tmp_path / "table.csv").write_text(TABLE)
    (tmp_path / "a.nii").touch()
    np.savez(tmp_path / "pet.npz", patient_id=np.array(["p", "x"]), feature=np.eye(2))
    settings = {
        "cohort": {
            "manifest": "table.csv",
            "targets": {
                "y": {"kind": "binary", "column": "y"},
                "stage": {"kind": "multiclass", "column": "stage", "classes": ["I", "II"]},
                "findings": {"kind": "multilabel", "columns": ["f1", "f2"]},
                "survival": {"kind": "time_to_event", "time": "days", "event": "died"},
                "size": {"kind": "regression", "column": "size"},
            },
            "split": {"column": "part"},
        },
        "modalities": {
            "ct": {"kind": "volume", "column": "ct"},
            "clinical": {"kind": "table", "columns": {"age": {"type": "numeric"}}},
            "pet": {"kind": "features", "file": "pet.npz", "key": "patient_id"},
        },
    }
    (tmp_path / "mmfeat.yaml").write_text(yaml.safe_dump(settings, sort_keys=False))
    project = load_project(tmp_path / "mmfeat.yaml")
    cohort = open_cohort(project)
    return summarise_cohort(project, cohort, open_folds(project, cohort)).to_json()


def test_cases_patients_and_parts_are_counted(summary):
    assert (summary["n_cases"], summary["n_patients"]) == (4, 3)
    assert summary["folds"] == [{"train": 2, "val": 1, "test": 1}]


def test_modalities_are_counted_alone_and_as_they_occur_together(summary):
    assert summary["modalities"] == {"ct": 2, "clinical": 3, "pet": 2}
    assert summary["availability"] == {"clinical": 2, "ct+clinical+pet": 1, "ct+pet": 1}


@pytest.mark.parametrize(
    ("target", "n_known", "counts", "prevalence"),
    [
        ("y", 3, {"1": 1}, {"1": 1 / 3}),
        ("stage", 3, {"I": 1, "II": 2}, {"I": 1 / 3, "II": 2 / 3}),
        ("findings", 3, {"f1": 1, "f2": 1}, {"f1": 1 / 2, "f2": 1 / 2}),
        ("survival", 3, {"died": 1}, {"died": 1 / 3}),
        ("size", 3, {}, {}),
    ],
)
def test_labels_are_counted_among_the_cases_that_have_one(
    summary, target, n_known, counts, prevalence
):
    found = summary["targets"][target]
    assert (found["n_known"], found["n_missing"]) == (n_known, 4 - n_known)
    assert found["counts"] == counts
    assert found["prevalence"] == pytest.approx(prevalence)
