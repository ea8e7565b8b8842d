"""Series chosen filter by filter, with an account of what each leaves."""

import pytest

from mmfeat.errors import CohortError
from mmfeat.public_cohorts.idc.collections import named_collections
from mmfeat.public_cohorts.idc.selecting import select_series
from mmfeat.public_cohorts.idc.wanted import WantedSeries, ids_in

from .made_up_index import write_index


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return write_index(tmp_path_factory.mktemp("index"))


@pytest.fixture(scope="module")
def fetched(tmp_path_factory):
    return write_index(tmp_path_factory.mktemp("fetched"), fetched=True)


def selected(files, *names, **wanted):
    names = names or ("lung-ct",)
    return select_series(
        files, named_collections(files, names), WantedSeries(collections=names, **wanted)
    )


def uids(found):
    return found.frame["SeriesInstanceUID"].tolist()


def test_only_original_scans_with_enough_images_are_taken_and_each_step_is_counted(files):
    found = selected(files)
    assert uids(found) == ["1.1.1", "1.1.2", "2.1.1", "2.1.2"]
    assert [(step.name.split()[0], step.n_series) for step in found.steps] == [
        ("all", 7),
        ("--modality", 6),
        ("taking", 5),
        ("--min-images", 4),
    ]
    assert found.notes == ()


def test_several_collections_are_taken_together(files):
    assert uids(selected(files, "Lung CT", "LIVER_CT"))[-1] == "9.9"


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        ({"manufacturers": ("siemens",)}, ["1.1.1", "1.1.2", "2.1.2"]),
        ({"body_parts": ("chest",)}, ["1.1.1", "1.1.2", "2.1.1"]),
        ({"licences": ("CC BY-NC 3.0",)}, ["2.1.1"]),
        ({"patients": ("P3", "P2")}, ["2.1.1", "2.1.2"]),
        ({"min_images": 200}, ["1.1.2"]),
        ({"min_images": 1, "modality": "seg"}, ["1.1.4"]),
    ],
)
def test_each_filter_leaves_what_it_names_without_regard_to_case(files, wanted, left):
    assert uids(selected(files, **wanted)) == left


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        ({"max_thickness_mm": 1.0}, ["1.1.1", "1.1.2"]),
        ({"min_thickness_mm": 0.7, "max_thickness_mm": 2.0}, ["1.1.1"]),
        ({"regular": True}, ["1.1.1"]),
    ],
)
def test_thickness_and_geometry_are_known_once_their_parts_are_fetched(fetched, wanted, left):
    assert uids(selected(fetched, **wanted)) == left


@pytest.mark.parametrize(
    ("wanted", "part"),
    [({"max_thickness_mm": 1.0}, "ct_index"), ({"regular": True}, "volume_geometry_index")],
)
def test_a_part_that_is_not_fetched_is_told_with_the_command_that_fetches_it(files, wanted, part):
    with pytest.raises(CohortError, match=rf"`{part}`.*IDCClient\(\)\.fetch_index\('{part}'\)"):
        selected(files, **wanted)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"manufacturers": ("siemns",)}, r"after --manufacturer siemns; there are SIEMENS, Phil"),
        ({"manufacturers": ("siemns",)}, r"did you mean `SIEMENS`\?"),
        ({"min_images": 999}, r"after --min-images 999; there are 2 to 240"),
        ({"modality": "MR"}, r"after --modality MR; there are CT, SEG"),
        (
            {"modality": "SEG", "min_images": 1, "patients": ("P1",), "licences": ("none",)},
            r"after --licence none; there are CC BY 4\.0",
        ),
    ],
)
def test_where_nothing_is_left_the_filter_is_named_with_what_there_is(files, wanted, message):
    with pytest.raises(CohortError, match=message):
        selected(files, **wanted)


def test_what_is_asked_for_and_not_there_is_noted(files):
    found = selected(files, patients=("P1", "P9"), manufacturers=("SIEMENS", "Toshiba"))
    assert found.notes == (
        "--patient: nothing is selected of P9",
        "--manufacturer: nothing is selected of Toshiba",
    )


def test_an_unknown_collection_is_told_with_what_it_may_be_called(files):
    with pytest.raises(CohortError, match=r"--collection lung-c: .*did you mean `lung_ct`\?"):
        named_collections(files, ["lung-c"])


def test_a_condition_in_sql_sees_all_columns(files):
    pytest.importorskip("duckdb")
    found = selected(files, where="SeriesNumber = '3' OR PatientID LIKE 'P3%' -- and no more")
    assert uids(found) == ["1.1.2", "2.1.2"]
    with pytest.raises(CohortError, match="no series is left after --where"):
        selected(files, where="false")


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("SeriesNumbr = '3'", 'Referenced column "SeriesNumbr" not found'),
        ("SliceThickness < 2", r"it may be in `ct_index`: python -c"),
        ("regularly_spaced_3d_volume", r"it may be in `volume_geometry_index`"),
        ("((", "Parser Error"),
        ("PatientID IN (SELECT * FROM read_csv('/etc/hostname'))", "disabled by configuration"),
        ("PatientID IN (SELECT * FROM 'https://example.org/a.parquet')", "--where"),
    ],
)
def test_a_condition_that_is_wrong_or_looks_elsewhere_is_one_line(files, condition, message):
    pytest.importorskip("duckdb")
    with pytest.raises(CohortError, match=message) as refused:
        selected(files, where=condition)
    assert "\n" not in str(refused.value)


def test_ids_are_read_from_a_file_one_a_line(tmp_path):
    (tmp_path / "ids.txt").write_text("P1\n\n P2 \nP1\n")
    assert ids_in(tmp_path / "ids.txt") == ("P1", "P2")
    (tmp_path / "none.txt").write_text("\n")
    with pytest.raises(CohortError, match=r"none\.txt: has no ids"):
        ids_in(tmp_path / "none.txt")
    with pytest.raises(CohortError, match=r"absent\.txt: cannot be read"):
        ids_in(tmp_path / "absent.txt")
