import pytest

from mmfeat.manifest.identities import (
    case_faults,
    patient_faults,
    site_faults,
    split_faults,
    texts,
)


def _found(faults):
    return [(fault.row, fault.value) for fault in faults]


def test_missing_cells_and_missing_columns_are_none(frame):
    table = frame("a,b\nx,1\n,2\n")
    assert texts(table, "a") == ["x", None]
    assert texts(table, "c") == [None, None]


def test_a_case_id_that_is_empty_or_stands_twice_is_a_fault_in_its_row(frame):
    faults = case_faults(frame("id,x\na,1\n,2\nb,3\na,4\na,5\n"), "id")
    assert _found(faults) == [(3, None), (5, "a"), (6, "a")]
    assert faults[1].message == "the same case id as in row 2; each case is one row"


@pytest.mark.parametrize("sign", ["\x1b[2J", "\x00", "\x07", "\x9b"])
def test_ids_with_signs_that_a_terminal_would_obey_are_faults(frame, sign):
    table = frame("id,patient\na,p\nb,q\n")
    table.loc[1] = [f"b{sign}", f"q{sign}"]
    for faults, cell in (
        (case_faults(table, "id"), f"b{sign}"),
        (patient_faults(table, "patient"), f"q{sign}"),
    ):
        assert _found(faults) == [(3, ascii(cell))]
        assert faults[0].message == "control characters, which no id has; take them out"


def test_a_row_without_anything_is_one_fault(frame):
    table = frame("id,patient\na,p\n,\n")
    assert str(case_faults(table, "id")[0]) == "row 3: the whole row is empty; delete it"
    assert patient_faults(table, "patient") == []


def test_a_row_without_a_patient_or_a_site_is_a_fault(frame):
    table = frame("id,patient,site\na,p,\nb,,s\n")
    assert _found(patient_faults(table, "patient")) == [(3, None)]
    assert _found(site_faults(table, "site")) == [(2, None)]


def test_a_good_split_column_has_no_fault(frame):
    table = frame("part\ntrain\ntrain\nval\ntest\n")
    assert split_faults(table, "part", ["p", "p", "q", "r"]) == []


def test_a_patient_in_two_parts_is_a_fault_that_names_both(frame):
    table = frame("part\ntrain\nval\ntest\ntest\n")
    (fault,) = split_faults(table, "part", ["p", "q", "r", "p"])
    assert str(fault) == (
        "row 5, column `part`: patient `p` is in `train` in row 2; one part for each (found `test`)"
    )


def test_other_words_and_empty_cells_in_a_split_column_are_faults(frame):
    table = frame("part,x\ntrain,1\nvalid,1\n,1\nval,1\n")
    faults = split_faults(table, "part", ["p", "q", "r", "s"])
    assert _found(faults) == [(3, "valid"), (4, ""), (None, None)]
    assert faults[-1].message == "no case is in test; all three parts are needed"
