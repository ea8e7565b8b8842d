"""Points and masks are read from their columns, and each wrong cell is named."""

import numpy as np
import pandas as pd
import pytest

from mmfeat.config.modalities import VolumeModality
from mmfeat.config.regions import MaskColumn, PointColumns
from mmfeat.manifest.cohort import CaseScan
from mmfeat.manifest.region_columns import columns_of, read_regions
from mmfeat.manifest.regions import MaskOfInterest, PointOfInterest
from mmfeat.manifest.scan_paths import find_scans
from mmfeat.manifest.scan_table import SideTable, read_scan_table

XYZ = ["coordX", "coordY", "coordZ"]


def _frame(*rows, columns=XYZ):
    return pd.DataFrame(list(rows), columns=columns, dtype=object).replace({"": np.nan})


def _points(*rows, space="lps_mm"):
    return read_regions(
        _frame(*rows), PointColumns(columns=XYZ, space=space), folder="", table=None
    )


@pytest.mark.parametrize(
    ("space", "expected"),
    [
        ("lps_mm", PointOfInterest((-1.5, 20.0, 0.0), "ras_mm")),
        ("ras_mm", PointOfInterest((1.5, -20.0, 0.0), "ras_mm")),
        ("voxel", PointOfInterest((1.5, -20.0, 0.0), "voxel")),
    ],
)
def test_coordinates_become_ras_and_rows_without_any_have_no_point(space, expected):
    regions, faults = _points(("1.5", "-2e1", "0"), ("", "", ""), space=space)
    assert (regions, faults) == ({2: expected}, [])


def test_zero_has_one_name_whatever_its_sign():
    (point,) = _points(("0", "0.0", "-0"))[0].values()
    assert str(point) == "at (0.0, 0.0, 0.0) mm, RAS+"


def test_a_cell_that_is_no_number_and_one_that_is_missing_are_named():
    regions, faults = _points(("1,5", "2", "3"), ("1", "", "3"), ("1", "2", "inf"))
    assert regions == {}
    assert list(map(str, faults)) == [
        "row 2, column `coordX`: not a number; write coordinates with a decimal point "
        "(found `1,5`)",
        "row 3, column `coordY`: empty, but `coordX` is not; give all three coordinates, or none",
        "row 4, column `coordZ`: not a number; write coordinates with a decimal point "
        "(found `inf`)",
    ]


def test_masks_are_files_beside_the_table_and_have_to_be_there(tmp_path):
    (tmp_path / "m.nii").touch()
    frame = _frame(("m.nii",), ("",), ("gone.nii",), columns=["mask"])
    regions, faults = read_regions(frame, MaskColumn(column="mask"), folder=tmp_path, table="t.csv")
    assert regions[2] == MaskOfInterest(tmp_path / "m.nii")
    assert 3 not in regions
    (fault,) = faults
    assert str(fault) == (
        f"t.csv, row 4, column `mask`: no such file or folder in {tmp_path}; paths are relative to "
        "t.csv; correct it, or empty the cell if there is no mask (found `gone.nii`)"
    )


def test_without_settings_or_columns_there_are_no_regions():
    assert columns_of(None) == []
    assert read_regions(_frame(("1", "2", "3")), None, folder="") == ({}, [])
    other = PointColumns(columns=["a", "b", "coordX"], space="voxel")
    assert read_regions(_frame(("1", "2", "3")), other, folder="") == ({}, [])


def test_one_point_for_several_scans_of_a_row_is_a_fault(tmp_path):
    for name in "ab":
        (tmp_path / name).touch()
    point = PointOfInterest((1.0, 2.0, 3.0), "ras_mm")
    frame = _frame(("a;b",), ("a",), columns=["ct"])
    sources, faults = find_scans(
        frame, "ct", folder=tmp_path, patients=["p", "p"], regions={2: point, 3: point}
    )
    assert list(map(str, faults)) == [
        "row 2, column `ct`: 2 scans, but one point or mask; list them in `scans`, a table with "
        "one row for each"
    ]
    assert sources[1] == (CaseScan(tmp_path / "a", None, point),)


@pytest.fixture
def lesions(tmp_path):
    """A function that reads a table of lesions of one case."""
    (tmp_path / "a.nii").touch()
    modality = VolumeModality(
        kind="volume",
        scans={"file": "lesions.csv"},
        point={"columns": XYZ, "space": "ras_mm"},
    )

    def read(*rows, columns=("case_id", "path", *XYZ)):
        table = SideTable(tmp_path / "lesions.csv", _frame(*rows, columns=list(columns)))
        manifest = _frame(("a",), columns=["case_id"])
        return read_scan_table(table, modality, manifest=manifest, case_ids=["a"], patients=["p"])

    return read


def test_lesions_of_one_scan_are_rows_of_the_table_of_scans(lesions, tmp_path):
    found = lesions(("a", "a.nii", "5", "0", "0"), ("a", "a.nii", "1", "2", "3"))
    assert found.faults == []
    scan = tmp_path / "a.nii"
    assert found.sources == (
        (
            CaseScan(scan, None, PointOfInterest((1.0, 2.0, 3.0), "ras_mm")),
            CaseScan(scan, None, PointOfInterest((5.0, 0.0, 0.0), "ras_mm")),
        ),
    )


def test_the_same_lesion_twice_and_a_missing_column_are_faults(lesions):
    twice = lesions(("a", "a.nii", "1", "2", "3"), ("a", "a.nii", "1.0", "2.0", "3.0"))
    assert [fault.message for fault in twice.faults] == [
        "a second time for the same case, after row 2; take one out"
    ]
    lacking = lesions(("a", "a.nii", "1", "2"), columns=("case_id", "path", "coordX", "coordY"))
    assert [(fault.column, fault.table) for fault in lacking.faults] == [("coordZ", "lesions.csv")]
