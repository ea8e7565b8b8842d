import numpy as np
import pandas as pd
import pytest
import yaml

from mmfeat.config.loading import load_project
from mmfeat.stages.cohort import open_cohort, open_folds, table_records
from mmfeat.stages.leak_watch import leak_notes

N_CASES = 400


@pytest.fixture
def notes(tmp_path):
    """Write a cohort of noise and more columns, and return what is said of it."""

    def of(columns, *, more=None, site=None, target=None, split=None):
        random = np.random.default_rng(0)
        cancer = random.integers(0, 2, N_CASES)
        frame = pd.DataFrame(
            {
                "case_id": [f"case-{n}" for n in range(N_CASES)],
                "patient_id": [f"patient-{n}" for n in range(N_CASES)],
                "cancer": cancer,
                "age": random.normal(60, 8, N_CASES).round(1),
            }
        )
        for name, make in (more or {}).items():
            frame[name] = make(random, cancer)
        frame.to_csv(tmp_path / "manifest.csv", index=False)
        cohort = {
            "manifest": "manifest.csv",
            "targets": {"cancer": target or {"kind": "binary", "column": "cancer"}},
        }
        cohort |= {"site": site} if site else {}
        cohort |= {"split": split} if split else {}
        record = {"kind": "table", "columns": {"age": {"type": "numeric"}, **columns}}
        file = tmp_path / "mmfeat.yaml"
        file.write_text(yaml.safe_dump({"cohort": cohort, "modalities": {"clinical": record}}))
        project = load_project(file)
        opened = open_cohort(project)
        return leak_notes(opened, open_folds(project, opened), table_records(project, opened))

    return of


def test_noise_is_not_reported(notes):
    assert notes({"lobe": {"type": "categorical"}}, more={"lobe": _lobes}) == ()


@pytest.mark.parametrize("sign", [1, -1])
def test_a_number_that_tells_the_answer_alone_is_reported(notes, sign):
    (note,) = notes(
        {"marker": {"type": "numeric"}},
        more={"marker": lambda random, cancer: sign * cancer + random.normal(0, 0.2, N_CASES)},
    )
    assert note.startswith("`modalities.clinical.columns.marker`: tells `cancer` almost alone (A")
    assert note.endswith("is it known only afterwards? then take it out")


def test_a_category_and_a_code_that_tell_the_answer_are_reported(notes):
    found = notes(
        {"code": {"type": "categorical"}, "icd": {"type": "codes"}},
        more={
            "code": lambda random, cancer: np.where(cancer == 1, "C34", _lobes(random, cancer)),
            "icd": lambda random, cancer: np.where(cancer == 1, "I10;C34", "I10"),
        },
    )
    assert [note.split("`")[1].rsplit(".")[-1] for note in found] == ["code", "icd"]


def test_a_word_that_tells_the_answer_is_reported(notes):
    def notes_of(random, cancer):
        pairs = zip(cancer, _lobes(random, cancer), strict=True)
        return [f"{'Malignant' if answer else 'benign'} in the {lobe}" for answer, lobe in pairs]

    found = notes({"note": {"type": "text"}}, more={"note": notes_of})
    assert [note.split("`")[1].rsplit(".")[-1] for note in found] == ["note"]
    assert notes({"note": {"type": "text"}}, more={"note": _lobes}) == ()


def test_a_column_known_only_of_those_with_the_answer_is_reported(notes):
    (note,) = notes(
        {"size": {"type": "numeric"}},
        more={
            "size": lambda random, cancer: np.where(
                cancer == 1, random.normal(9, 1, N_CASES).round(2), np.nan
            )
        },
    )
    assert "whether it is known tells `cancer` almost alone (AUROC 1.000)" in note


def test_names_that_sound_like_outcomes_and_dates_after_the_index_date_are_reported(notes):
    found = notes(
        {
            "recurrence": {"type": "boolean"},
            "biopsy": {"type": "date_difference", "until": "scan"},
        },
        more={
            "recurrence": lambda random, cancer: random.integers(0, 2, N_CASES),
            "scan": lambda random, cancer: ["2020-06-01"] * N_CASES,
            "biopsy": lambda random, cancer: ["2020-05-01"] * (N_CASES - 3) + ["2020-06-02"] * 3,
        },
    )
    dates, outcome = found
    assert "biopsy`: 3 dates are after the day" in dates
    assert "recurrence`: sounds like an outcome" in outcome


def test_a_site_and_a_scanner_that_tell_the_answer_are_reported(notes):
    found = notes(
        {},
        site="hospital",
        more={
            "hospital": lambda random, cancer: np.where(
                cancer + random.normal(0, 0.5, N_CASES) > 0.5, "N", "S"
            ),
            "Manufacturer": lambda random, cancer: np.where(
                cancer == 1, "GE", _lobes(random, cancer)
            ),
        },
    )
    assert [note.split(" tells ")[0] for note in found] == ["the site", "the column `Manufacturer`"]


def test_the_test_part_is_not_looked_at(notes):
    """A column that tells the answer in the test part alone is not reported."""
    part = np.repeat(["train", "val", "test"], [100, 50, 250])

    def only_in_test(random, cancer):
        return np.where(part == "test", cancer * 10.0, random.normal(0, 1, N_CASES))

    columns = {"marker": {"type": "numeric"}}
    more = {"marker": only_in_test, "part": lambda random, cancer: part}
    assert notes(columns, more=more, split={"column": "part"}) == ()
    (note,) = notes(columns, more=more | {"part": lambda *_: part[::-1]}, split={"column": "part"})
    assert "marker`: tells `cancer` almost alone" in note


def test_each_class_is_an_answer_of_its_own(notes):
    (note,) = notes(
        {"grade": {"type": "numeric"}},
        target={"kind": "multiclass", "column": "type", "classes": ["a", "b", "c"]},
        more={
            "type": lambda random, cancer: np.resize(["a", "b", "c"], N_CASES),
            "grade": lambda random, cancer: (np.arange(N_CASES) % 3 == 1) + random.random(N_CASES),
        },
    )
    assert "tells `cancer=b` almost alone (AUROC 1.000" in note


def _lobes(random, _):
    return random.choice(["left", "right", "both"], N_CASES)
