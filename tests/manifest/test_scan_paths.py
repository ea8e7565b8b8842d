import pytest

from mmfeat.manifest.cohort import CaseScan
from mmfeat.manifest.scan_paths import find_scans


@pytest.fixture
def find(tmp_path, frame):
    (tmp_path / "scans" / "series").mkdir(parents=True)
    (tmp_path / "scans" / "a.nii.gz").touch()

    def find_in(cells, patients=None):
        table = frame("ct,x\n" + "".join(f"{cell},1\n" for cell in cells))
        patients = patients or [f"p{number}" for number in range(len(cells))]
        return find_scans(table, "ct", folder=tmp_path, patients=patients)

    return find_in


def test_files_folders_and_absolute_paths_are_found_and_empty_cells_are_no_scan(find, tmp_path):
    cells = ["scans/a.nii.gz", "scans/series", "", tmp_path / "scans"]
    sources, faults = find(cells)
    assert faults == []
    assert sources == (
        (CaseScan(tmp_path / "scans" / "a.nii.gz"),),
        (CaseScan(tmp_path / "scans" / "series"),),
        (),
        (CaseScan(tmp_path / "scans"),),
    )


def test_every_path_that_leads_nowhere_is_a_fault_with_what_to_do(find, tmp_path):
    _, faults = find(["scans/b.nii.gz", "scans\\a.nii.gz", "/nowhere/c.nii", "scans/a.nii.gz"])
    assert [fault.row for fault in faults] == [2, 3, 4]
    assert faults[0].message.startswith(f"no such file or folder in {tmp_path / 'scans'}; paths")
    assert faults[0].value == "scans/b.nii.gz"
    assert "write the path with / instead of" in faults[1].message
    assert "correct the path, or empty the cell" in faults[2].message


def test_a_text_too_long_for_a_path_is_a_fault_of_its_row(find):
    (fault,) = find(["No nodule was seen. " * 20, "scans/a.nii.gz"])[1]
    assert fault.row == 2
    assert fault.message.startswith("no such file or folder")


def test_a_scan_of_two_patients_is_a_fault_and_of_two_cases_of_one_is_not(find):
    same = ["scans/a.nii.gz", "scans/a.nii.gz"]
    assert find(same, ["p", "p"])[1] == []
    (fault,) = find(same, ["p", "q"])[1]
    assert fault.row == 3
    assert fault.message == "the scan of another patient, in row 2; correct one of them"


def test_a_column_without_any_scan_is_a_fault(find):
    sources, faults = find(["", ""])
    assert sources == ((), ())
    assert [str(fault) for fault in faults] == [
        "column `ct`: no case has a scan; name the column with their paths"
    ]


def test_several_paths_in_a_cell_are_several_scans_in_the_order_of_their_paths(find, tmp_path):
    (tmp_path / "scans" / "b.nii.gz").touch()
    sources, faults = find(["scans/b.nii.gz; scans/a.nii.gz ;", "scans/series"])
    assert faults == []
    names = [[scan.path.name for scan in scans] for scans in sources]
    assert names == [["a.nii.gz", "b.nii.gz"], ["series"]]
    assert sources[0][0].days is None


def test_a_path_with_a_semicolon_in_it_is_one_path_when_it_is_there(find, tmp_path):
    (tmp_path / "scans" / "a;b").mkdir()
    ((scan,),), faults = find(["scans/a;b"])
    assert (scan.path, faults) == (tmp_path / "scans" / "a;b", [])


def test_each_path_of_a_cell_has_its_own_fault(find):
    cells = ["scans/a.nii.gz;scans/no.nii.gz;scans/a.nii.gz", "scans/series;scans/a.nii.gz", ";"]
    _, faults = find(cells)
    assert [(fault.row, fault.value) for fault in faults] == [
        (2, "scans/no.nii.gz"),
        (2, "scans/a.nii.gz"),
        (3, "scans/a.nii.gz"),
        (4, ";"),
    ]
    assert "a second time for the same case, after row 2" in faults[1].message
    assert "the scan of another patient, in row 2" in faults[2].message
