import numpy as np
import pytest
import yaml

from mmfeat.config.loading import load_project
from mmfeat.errors import CohortError
from mmfeat.manifest.cohort import CaseScan
from mmfeat.manifest.splits import parts_of
from mmfeat.stages.cohort import open_cohort, open_folds

CLINICAL = {"kind": "table", "columns": {"age": {"type": "numeric"}}}
CT = {"kind": "volume", "column": "ct"}


@pytest.fixture
def make_project(tmp_path):
    (tmp_path / "a.nii").touch()

    def make(table, modalities=None, overrides=(), **cohort):
        (tmp_path / "table.csv").write_text(table)
        cohort.setdefault("targets", {"y": {"kind": "binary", "column": "y"}})
        settings = {
            "cohort": {"manifest": "table.csv", **cohort},
            "modalities": modalities or {"clinical": CLINICAL},
        }
        (tmp_path / "mmfeat.yaml").write_text(yaml.safe_dump(settings, sort_keys=False))
        return load_project(tmp_path / "mmfeat.yaml", overrides)

    return make


def _table(n_patients=20, n_cases=2):
    rows = [
        f"c{patient}-{case},p{patient},{patient % 2},{40 + patient},s{patient % 4}"
        for patient in range(n_patients)
        for case in range(n_cases)
    ]
    return "\n".join(["case_id,patient_id,y,age,site", *rows])


def test_faults_of_ids_labels_scans_and_records_come_in_one_error_by_row(make_project, tmp_path):
    project = make_project(
        "case_id,patient_id,y,age,ct\na,p,1,old,a.nii\na,q,0,50,\nc,r,2,60,c.nii\n",
        {"clinical": CLINICAL, "ct": CT},
    )
    with pytest.raises(CohortError) as caught:
        open_cohort(project)
    assert [(fault.row, fault.column) for fault in caught.value.faults] == [
        (2, "age"),
        (3, "case_id"),
        (4, "y"),
        (4, "ct"),
    ]
    assert str(caught.value).startswith(
        f"{tmp_path / 'table.csv'}: 4 faults\n  row 2, column `age`"
    )


def test_a_missing_column_of_a_record_is_one_fault(make_project):
    record = {"kind": "table", "columns": {"agee": {"type": "numeric"}}}
    project = make_project(_table(), {"clinical": record})
    with pytest.raises(CohortError, match="column `agee`: not in the manifest; did you mean `age`"):
        open_cohort(project)


def test_a_case_without_any_modality_is_named(make_project, tmp_path):
    table = "case_id,patient_id,y,age,ct\na,p,1,,a.nii\nb,q,0,,\nc,r,0,50,\n"
    with pytest.raises(
        CohortError, match=r"table\.csv: row 3: case `b` has nothing in any modality; give it a"
    ):
        open_cohort(make_project(table, {"clinical": CLINICAL, "ct": CT}))
    embedded = {"kind": "features", "file": "pet.npz"}
    project = make_project(table, {"clinical": CLINICAL, "ct": CT, "pet": embedded})
    cohort = open_cohort(project)  # only the file of embeddings can tell
    assert cohort.sources["ct"] == ((CaseScan(tmp_path / "a.nii"),), (), ())


def test_missing_spellings_are_those_of_the_settings(make_project):
    table = "case_id,patient_id,y,age\na,p,1,-99\nb,q,0,50\nc,r,unknown,51\nd,s,,52\n"
    modalities = {"clinical": CLINICAL, "pet": {"kind": "features", "file": "pet.npz"}}
    cohort = open_cohort(make_project(table, modalities, missing=["unknown", -99]))
    assert cohort.frame["age"].isna().tolist() == [True, False, False, False]
    assert cohort.targets["y"].known.tolist() == [True, True, False, False]


def test_splits_are_made_once_saved_and_reused(make_project, tmp_path):
    project = make_project(_table())
    cohort = open_cohort(project)
    folds = open_folds(project, cohort)
    assert len(folds) == 5
    assert (tmp_path / "splits.csv").exists()
    again = open_folds(project, cohort)
    for fold, same in zip(folds, again, strict=True):
        np.testing.assert_array_equal(parts_of(fold), parts_of(same))


def test_a_look_at_the_folds_leaves_no_file(make_project, tmp_path):
    project = make_project(_table())
    assert len(open_folds(project, open_cohort(project), save=False)) == 5
    assert not (tmp_path / "splits.csv").exists()


def test_saved_splits_of_other_settings_or_another_cohort_are_refused(make_project, tmp_path):
    project = make_project(_table())
    open_folds(project, open_cohort(project))
    changed = make_project(_table(), overrides=["cohort.split.seed=3"])
    with pytest.raises(CohortError, match="seed was 0 and is 3; delete the file"):
        open_folds(changed, open_cohort(changed))
    grown = make_project(_table(21))
    with pytest.raises(CohortError, match=r"2 cases \(`c20-0`, `c20-1`\) of the manifest not in"):
        open_folds(grown, open_cohort(grown))
    kept = make_project(_table(21), overrides=["cohort.split.file=new/splits.csv"])
    assert len(open_folds(kept, open_cohort(kept))) == 5
    assert (tmp_path / "new" / "splits.csv").exists()


def test_the_first_target_with_classes_is_spread_evenly(make_project):
    targets = {
        "days": {"kind": "regression", "column": "site_size"},
        "y": {"kind": "binary", "column": "y"},
    }
    table = "\n".join(
        f"{line},{number or 'site_size'}" for number, line in enumerate(_table().splitlines())
    )
    project = make_project(table, targets=targets)
    cohort = open_cohort(project)
    for fold in open_folds(project, cohort):
        assert cohort.targets["y"].values[fold.test].mean() == 0.5


def test_whole_sites_are_tested_when_asked_for(make_project):
    project = make_project(_table(), site="site", split={"by_site": True, "folds": 2})
    cohort = open_cohort(project)
    sites = np.array(cohort.sites)
    for fold in open_folds(project, cohort):
        assert set(sites[fold.test]).isdisjoint(sites[fold.train])


def test_a_column_of_splits_is_one_fold_and_no_file(make_project, tmp_path):
    table = (
        "case_id,patient_id,y,age,part\na,p,1,1,train\nb,q,0,1,test\nc,r,0,1,val\nd,p,0,1,train\n"
    )
    project = make_project(table, split={"column": "part"})
    (fold,) = open_folds(project, open_cohort(project))
    assert (fold.train.tolist(), fold.val.tolist(), fold.test.tolist()) == ([0, 3], [2], [1])
    assert not (tmp_path / "splits.csv").exists()
