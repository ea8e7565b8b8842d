import pytest

from mmfeat.errors import CohortError

WAY = ("merlin", None)
INSIDE = "merlinabdominalctdataset"
LABELS = f"{INSIDE}/zero_shot_findings_disease_cls.csv"
METADATA = f"{INSIDE}/metadata.csv"


@pytest.fixture
def readable(download):
    """The download with its reports as CSV, so that they can be changed as text."""
    (download.folder / INSIDE / "reports_final.xlsx").unlink()
    rows = [f"{case},{part}" for case, part in written_parts(download)]
    (download.folder / INSIDE / "reports_final.csv").write_text(
        "Study ID,Split\n" + "\n".join(rows)
    )
    return download


def written_parts(download):
    cases = sorted(file.name[:-7] for file in (download.folder / INSIDE / "merlin_data").iterdir())
    parts = ("train", "train", "val", "test")
    return [(case, parts[number % 4]) for number, case in enumerate(cases)]


def test_what_a_report_does_not_say_is_no_label(sample, table):
    lines = (sample.folder / LABELS).read_text().splitlines()
    header = lines[0].split(",")
    for line in lines[1:]:
        cells = dict(zip(header, line.split(","), strict=True))
        found = table.loc[cells["study_id"], "ascites"]
        assert found == cells["ascites"] if cells["ascites"] != "-1" else found != found


def test_the_official_split_is_taken_as_it_is(readable):
    table = readable.table()
    assert dict(table["split"]) == dict(written_parts(readable))


def test_the_reports_are_not_in_the_table(built):
    assert "Findings" not in built.table.columns
    assert not built.table.isin(["Liver: made up."]).any(axis=None)


def test_studies_without_metadata_are_kept_and_counted(built):
    assert int(built.table["age"].isna().sum()) == 2
    assert any(note.startswith("2 studies have no row in the metadata") for note in built.notes)


def test_rows_that_are_repeated_count_once(table, download):
    download.change(METADATA, lambda text: text + text.splitlines()[1] + "\n")
    assert download.table()["age"].equals(table["age"])


def test_a_study_with_two_different_rows_of_metadata_has_none(download):
    def change(text):
        row = text.splitlines()[1].split(",")
        return text + ",".join([row[0], "17", *row[2:]]) + "\n"

    case = (download.folder / METADATA).read_text().splitlines()[1].split(",")[0]
    download.change(METADATA, change)
    assert download.table()["age"].isna()[case]


def test_a_study_of_which_the_labels_say_two_things_is_left_out_and_named(download):
    row = (download.folder / LABELS).read_text().splitlines()[1]
    case, first, rest = row.split(",", 2)
    other = "0" if first == "1" else "1"
    download.change(LABELS, lambda text: f"{text}{case},{other},{rest}\n")
    built = download.build()
    assert built.left_out == {"the table of labels says two things of the study": (case,)}
    assert case not in set(built.table["case_id"])


def test_a_study_in_two_parts_is_left_out_and_named(readable):
    case, part = written_parts(readable)[0]
    readable.change(f"{INSIDE}/reports_final.csv", lambda text: f"{text}\n{case},test\n")
    assert part == "train"
    built = readable.build()
    assert built.left_out == {"the table of reports puts the study into two parts": (case,)}


def test_scans_may_be_unpacked(download):
    folder = download.folder / INSIDE / "merlin_data"
    packed = min(folder.iterdir())
    packed.rename(folder / packed.name.removesuffix(".gz"))
    assert download.table().loc[packed.name[:-7], "ct"].endswith(".nii")


def test_a_table_without_a_column_of_ids_is_refused(download):
    download.change(METADATA, lambda text: text.replace("study_id", "exam", 1))
    with pytest.raises(CohortError, match=r"metadata\.csv: has neither of the columns `study id`"):
        download.build()


def test_a_part_that_is_none_is_refused_with_its_row(readable):
    readable.change(f"{INSIDE}/reports_final.csv", lambda text: text.replace(",val", ",dev"))
    with pytest.raises(CohortError, match="row 4, column `Split`: `dev` is none of the codes"):
        readable.build()
