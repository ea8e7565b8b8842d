"""LIDC-IDRI: marks of four readers become nodules, and ratings labels."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mmfeat.data_manifests.lidc_idri.annotations import RATINGS, Mark, read_annotations
from mmfeat.data_manifests.lidc_idri.cohort import COHORT
from mmfeat.data_manifests.lidc_idri.diagnosis import read_diagnoses
from mmfeat.data_manifests.lidc_idri.nodules import nodules_of
from mmfeat.data_manifests.lidc_idri.scans import _one_file_each
from mmfeat.data_manifests.made_up_outlines import place_of
from mmfeat.data_manifests.made_up_scans import made_up_chest

from mmfeat.errors import CohortError
from mmfeat.public_cohorts.dicom_series import DicomSeries
from mmfeat.public_cohorts.finding_series import find_series
from mmfeat.volumes.reading import read_volume
from mmfeat.volumes.rules import ReadingRules

SERIES = DicomSeries(
    folder=Path("series"),
    file=Path("series/1.dcm"),
    n_files=100,
    patient_id="LIDC-IDRI-0001",
    modality="CT",
    study_uid="1",
    series_uid="1.1",
    description="",
    study_date=None,
    image_type=(),
    orientation=(1, 0, 0, 0, 1, 0),
    position_mm=(-100, -200, 999),
    pixel_mm=(0.5, 0.5),
    slice_mm=2.0,
)
RING = np.array([(0.0, 0), (0, 4), (4, 4), (4, 0), (0, 0)])
READING = """<?xml version="1.0" encoding="UTF-8"?>
<LidcReadMessage xmlns="http://www.nih.gov"><ResponseHeader>
<SeriesInstanceUid>1.1</SeriesInstanceUid></ResponseHeader>
<readingSession>
 <unblindedReadNodule><noduleID>0</noduleID>
  <roi><imageZposition>7</imageZposition><inclusion>TRUE</inclusion>
   <edgeMap><xCoord>1</xCoord><yCoord>2</yCoord></edgeMap></roi></unblindedReadNodule>
 <unblindedReadNodule><noduleID>1</noduleID>{ratings}
  <roi><imageZposition>-12.5</imageZposition><inclusion>TRUE</inclusion>
   <edgeMap><xCoord>10</xCoord><yCoord>20</yCoord></edgeMap>
   <edgeMap><xCoord>11</xCoord><yCoord>20</yCoord></edgeMap></roi>
  <roi><imageZposition>-12.5</imageZposition><inclusion>FALSE</inclusion>
   <edgeMap><xCoord>10</xCoord><yCoord>21</yCoord></edgeMap>
   <edgeMap><xCoord>11</xCoord><yCoord>21</yCoord></edgeMap></roi></unblindedReadNodule>
</readingSession></LidcReadMessage>"""


def _ratings(malignancy: object = 3) -> str:
    cells = "".join(
        f"<{name}>{malignancy if name == 'malignancy' else 1}</{name}>" for name in RATINGS
    )
    return f"<characteristics>{cells}</characteristics>"


def _mark(reader: int, *, column: float = 100, malignancy: int = 3) -> Mark:
    outlines = tuple(
        np.column_stack([RING + np.array([column, 50]), np.full(len(RING), height)])
        for height in (10.0, 12)
    )
    return Mark(reader, dict.fromkeys(RATINGS, 1) | {"malignancy": malignancy}, outlines)


def test_a_reading_has_its_ratings_and_outlines_and_no_point_below_3_mm(tmp_path):
    file = tmp_path / "158.xml"
    file.write_text(READING.format(ratings=_ratings(4)))
    read = read_annotations(file)
    (mark,) = read.marks
    assert read.series_uid == "1.1"
    assert mark.ratings["malignancy"] == 4
    assert [outline.tolist() for outline in mark.outlines] == [[[10, 20, -12.5], [11, 20, -12.5]]]


def test_a_mark_that_is_not_rated_in_full_is_passed_over(tmp_path):
    file = tmp_path / "1.xml"
    file.write_text(READING.format(ratings=_ratings("0")))
    assert read_annotations(file).marks == ()


def test_a_rating_beyond_the_scale_is_refused(tmp_path):
    file = tmp_path / "1.xml"
    file.write_text(READING.format(ratings=_ratings(6)))
    with pytest.raises(CohortError, match=r"1\.xml: malignancy is `6`.* from 1 to 5"):
        read_annotations(file)


def test_a_reading_of_a_radiograph_is_passed_over(tmp_path):
    file = tmp_path / "1.xml"
    file.write_text('<IdriReadMessage xmlns="http://www.nih.gov/idri"/>')
    assert read_annotations(file) is None


def test_a_file_that_is_cut_off_is_refused(tmp_path):
    file = tmp_path / "1.xml"
    file.write_text(READING[:300])
    with pytest.raises(CohortError, match=r"1\.xml: is no XML: .*; download it again"):
        read_annotations(file)


def test_marks_within_a_slices_thickness_are_one_nodule():
    # The second begins 2 mm (4 pixels) beside the end of the first, the third 2.5 mm.
    near = nodules_of([_mark(0), _mark(1, column=108)], SERIES)
    far = nodules_of([_mark(0), _mark(1, column=109)], SERIES)
    assert [nodule.n_readers for nodule in near] == [2]
    assert [nodule.n_readers for nodule in far] == [1, 1]


def test_the_point_is_in_the_scanners_millimetres():
    (nodule,) = nodules_of([_mark(0)], SERIES)
    middle = RING.mean(axis=0)
    expected = (-100 + 0.5 * (100 + middle[0]), -200 + 0.5 * (50 + middle[1]), 11)
    assert nodule.point_mm == pytest.approx(expected)
    assert nodule.diameter_mm == pytest.approx(0.5 * np.hypot(4, 4))
    assert nodule.height_mm == 2


def test_two_nodules_side_by_side_are_told_apart_by_a_smaller_distance():
    marks = [_mark(reader, column=column) for reader in range(4) for column in (100, 107)]
    assert [nodule.n_readers for nodule in nodules_of(marks, SERIES)] == [4, 4]


def test_more_than_four_marks_of_one_place_cannot_be_told_apart():
    assert nodules_of([_mark(reader) for reader in range(5)], SERIES) is None


def test_a_scan_without_marks_has_no_nodules():
    assert nodules_of([], SERIES) == []


@given(st.lists(st.integers(1, 5), min_size=3, max_size=4))
def test_the_label_is_that_of_the_median(ratings):
    marks = [_mark(reader, malignancy=rating) for reader, rating in enumerate(ratings)]
    (nodule,) = nodules_of(marks, SERIES)
    median = float(np.median(ratings))
    expected = "1" if median >= 4 else "0" if median <= 2 else None
    assert nodule.label == expected
    assert nodule.malignancy == tuple(sorted(ratings))


@pytest.fixture(scope="module")
def download(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("lidc")
    COHORT.write_sample(folder, "diagnosis")
    return folder


def test_every_nodule_is_a_case_or_is_left_out_by_name(download):
    built = COHORT.build(download, "nodules")
    table = built.table
    assert (table["n_readers"] >= 3).all()
    assert (table["malignancy_median"].ge(4) | table["malignancy_median"].le(2)).all()
    left = [case for ids in built.left_out.values() for case in ids]
    assert len(left) == len(set(left))
    assert len(table) + len(left) == 18 * 2
    assert not set(left) & set(table["case_id"])


def test_a_damaged_series_is_left_out_by_name_and_the_others_are_used(download, tmp_path):
    patients = [f"LIDC-IDRI/LIDC-IDRI-{number:04d}" for number in (1, 2)]
    for place in (*patients, "tcia-lidc-xml"):
        shutil.copytree(download / place, tmp_path / place)
    file = min((tmp_path / patients[0]).rglob("*.dcm"))
    file.write_bytes(b"no DICOM at all" * 20)
    built = COHORT.build(tmp_path, "nodules")
    assert set(built.table["patient_id"]) == {"LIDC-IDRI-0002"}
    named = built.left_out["series: this file of it is no DICOM file"]
    assert named == (file.relative_to(tmp_path).as_posix(),)
    without = "annotated scan: no DICOM series of it that can be read is in the folder"
    assert len(built.left_out[without]) == 17


def test_a_scan_without_annotations_is_left_out_by_name(download, tmp_path):
    patients = [f"LIDC-IDRI/LIDC-IDRI-{number:04d}" for number in (1, 2)]
    for place in (*patients, "tcia-lidc-xml"):
        shutil.copytree(download / place, tmp_path / place)
    first = min((tmp_path / patients[0]).rglob("*.dcm")).parent
    (series,) = {
        one.series_uid for one in find_series(tmp_path).series if tmp_path / one.folder == first
    }
    (file,) = [one for one in tmp_path.rglob("*.xml") if series in one.read_text()]
    file.unlink()
    built = COHORT.build(tmp_path, "nodules")
    assert set(built.table["patient_id"]) == {"LIDC-IDRI-0002"}
    named = built.left_out["CT series: no annotation file names it"]
    assert named == (first.relative_to(tmp_path).as_posix(),)


def test_points_are_where_the_sample_has_its_nodules(download):
    table = COHORT.build(download, "nodules").table
    places = [place_of(made_up_chest(1), place) for place in ((17, 11, 9), (8, 12, 22))]
    distances = [
        min(np.linalg.norm(place - row) for place in places)
        for row in table[["x", "y", "z"]].to_numpy(float)
    ]
    assert max(distances) < 3  # corners are counted twice where an outline is closed


def test_a_patients_diagnosis_has_all_nodules_of_the_patient(download):
    built = COHORT.build(download, "diagnosis")
    lesions = built.extra_tables["nodules.csv"]
    counted = lesions.groupby("case_id").size()
    assert counted.to_dict() == built.table.set_index("case_id")["n_nodules"].to_dict()
    assert set(built.table.loc[built.table["malignant"] == "0", "diagnosis"]) == {"benign"}
    assert "unknown" not in set(built.table["diagnosis"])


def test_a_corrected_file_stands_for_the_earlier_one(download, tmp_path):
    first, other = READING.format(ratings=_ratings(1)), READING.format(ratings=_ratings(5))
    (tmp_path / "161.xml").write_text(first)
    (tmp_path / "161-resubmitted.xml").write_text(other)
    read = [read_annotations(file) for file in sorted(tmp_path.glob("*.xml"))]
    chosen, doubtful = _one_file_each(read)
    assert chosen["1.1"].file.name == "161-resubmitted.xml"
    assert doubtful == []
    (tmp_path / "161-resubmitted.xml").rename(tmp_path / "162.xml")
    read = [read_annotations(file) for file in sorted(tmp_path.glob("*.xml"))]
    assert _one_file_each(read) == ({}, ["1.1"])


def test_a_file_of_old_excel_and_another_table_are_refused(tmp_path):
    old = tmp_path / "tcia-diagnosis-data-2012-04-20.xls"
    old.write_bytes(b"\xd0\xcf\x11\xe0")
    with pytest.raises(CohortError, match=r"\.xls: files of old Excel are not read; save it as"):
        read_diagnoses(tmp_path)
    pd.DataFrame({"TCIA Patient ID": ["LIDC-IDRI-0068"]}).to_csv(old.with_suffix(".csv"))
    with pytest.raises(CohortError, match="0 columns begin with `Diagnosis at the Patient Level`"):
        read_diagnoses(tmp_path)


def test_points_lie_in_the_nodules_of_the_scans_as_they_are_read(download):
    table = COHORT.build(download, "nodules").table.head(3)
    for _, row in table.iterrows():
        scan = read_volume(download / row["ct"], ReadingRules())
        right_anterior_superior = np.array([-row["x"], -row["y"], row["z"], 1.0])
        voxel = np.linalg.inv(scan.affine) @ right_anterior_superior
        assert scan.hu[tuple(np.rint(voxel[:3]).astype(int))] == 60
