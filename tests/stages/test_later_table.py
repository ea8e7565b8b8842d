import numpy as np
import pandas as pd
import pytest

from mmfeat.config.loading import load_project
from mmfeat.errors import CohortError
from mmfeat.manifest.text_frames import text_frame
from mmfeat.stages.later_table import later_table, read_later_file

from .training_cohort import write_training_cohort


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    settings = write_training_cohort(tmp_path_factory.mktemp("cohort"))
    columns = "{age: {type: numeric}, smoker: {type: boolean}}"
    return load_project(settings, [f"modalities.clinical.columns={columns}"])


def test_a_file_is_read_as_a_frame_in_memory_is(project, tmp_path):
    frame = pd.DataFrame({"smoker": [True, None], "note": ["?", "b"], "age": [61.5, np.nan]})
    frame.to_csv(tmp_path / "later.csv", index=False)
    of_file = read_later_file(project, tmp_path / "later.csv", known=["note"])
    missing = project.settings.cohort.missing
    in_memory = later_table(project, text_frame(frame, missing), named=tmp_path)
    for later in (of_file, in_memory):
        columns = later.records["clinical"].columns
        np.testing.assert_array_equal(columns["age"].values, [61.5, np.nan])
        np.testing.assert_array_equal(columns["smoker"].values, [1, np.nan])
        assert later.absent == {"clinical": ()}
    assert of_file.notes == ()
    assert in_memory.notes == ("not in the settings, so not looked at: `note`",)


def test_a_column_of_another_modality_needs_no_note(project, tmp_path):
    early = "{kind: table, columns: {a: {type: numeric}}}"
    late = "{kind: table, columns: {b: {type: numeric}}}"
    of_two = load_project(project.file, [f"modalities={{early: {early}, late: {late}}}"])
    (tmp_path / "later.csv").write_text("a,b\n1,2\n")
    later = read_later_file(of_two, tmp_path / "later.csv")
    assert later.notes == ()
    (tmp_path / "later.csv").write_text("a\n1\n")
    later = read_later_file(of_two, tmp_path / "later.csv")
    assert later.absent == {"early": (), "late": ("b",)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("age,smoker\nold,yes\n61,maybe\n", r"2 faults\n  row 2, column `age`: not a number"),
        ("ward\nA\n", "later.csv: has none of the 2 columns of the record"),
        ("age,age\n1,2\n", "column `age`: stands 2 times"),
    ],
)
def test_what_cannot_be_used_is_an_error_that_names_the_file(project, tmp_path, text, message):
    (tmp_path / "later.csv").write_text(text)
    with pytest.raises(CohortError, match=message):
        read_later_file(project, tmp_path / "later.csv")


def test_a_file_that_is_not_there_is_named(project, tmp_path):
    with pytest.raises(CohortError, match=r"none\.csv: no such file; give a table"):
        read_later_file(project, tmp_path / "none.csv")


def test_a_project_without_a_record_is_refused(project, tmp_path):
    without = load_project(project.file, ["modalities={ct: {kind: features, file: ct.npz}}"])
    (tmp_path / "later.csv").write_text("age\n1\n")
    with pytest.raises(CohortError, match="has no modality of kind `table`"):
        read_later_file(without, tmp_path / "later.csv")
