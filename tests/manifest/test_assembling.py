import pytest

from mmfeat.manifest.assembling import assemble_cohort
from mmfeat.manifest.cohort import CaseScan

CT = {"ct": {"kind": "volume", "column": "ct"}}


@pytest.fixture
def assemble(frame, tmp_path):
    (tmp_path / "a.nii").touch()

    def from_text(text, made):
        return assemble_cohort(
            frame(text), made.cohort, modalities=made.modalities, folder=tmp_path
        )

    return from_text


def test_a_sane_table_becomes_a_cohort_in_the_order_of_its_rows(assemble, settings, tmp_path):
    cohort, faults = assemble(
        "patient_id,case_id,site,y,ct\np2,b,s1,1,a.nii\np1,a,,0,\n", settings(CT, site="site")
    )
    assert faults == []
    assert cohort.case_ids == ("b", "a")
    assert cohort.patient_ids == ("p2", "p1")
    assert cohort.sites == ("s1", "")
    assert cohort.targets["y"].values[:, 0].tolist() == [1, 0]
    assert cohort.sources == {"ct": ((CaseScan(tmp_path / "a.nii"),), ())}
    assert len(cohort.frame) == len(cohort) == 2


def test_one_column_may_name_the_case_and_the_patient(assemble, settings):
    cohort, faults = assemble("id,y,age\na,1,1\nb,0,2\n", settings(case_id="id", patient_id="id"))
    assert faults == []
    assert cohort.case_ids == cohort.patient_ids == ("a", "b")
    assert cohort.sites is None


def test_faults_of_every_kind_are_found_in_one_pass(assemble, settings):
    made = settings(
        CT,
        {
            "y": {"kind": "binary", "column": "y"},
            "os": {"kind": "time_to_event", "time": "days", "event": "died"},
            "gone": {"kind": "regression", "column": "gone"},
        },
        site="site",
        split={"column": "part", "by_site": True},
    )
    _, faults = assemble(
        "case_id,patient_id,site,part,y,days,died,ct\n"
        "a,p,s,train,1,1,1,a.nii\n"
        "a,,s,val,0,2,0,\n"
        "b,p,,test,2,-3,0,b.nii\n",
        made,
    )
    assert {(fault.row, fault.column) for fault in faults} == {
        (None, "gone"),
        (3, "case_id"),
        (3, "patient_id"),
        (4, "site"),
        (4, "part"),
        (4, "y"),
        (4, "days"),
        (4, "ct"),
    }


def test_missing_columns_do_not_hide_the_faults_of_others(assemble, settings):
    cohort, faults = assemble("x,y\na,1\nb,7\nc,0\n", settings(CT))
    assert {fault.column for fault in faults} == {"case_id", "patient_id", "ct", "y"}
    assert cohort.case_ids == ("", "", "")
    assert cohort.sources == {}
