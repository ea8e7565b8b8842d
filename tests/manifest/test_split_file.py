import csv
import json

import numpy as np
import pytest

from mmfeat.errors import CohortError
from mmfeat.manifest.split_file import load_splits, save_splits
from mmfeat.manifest.splits import SplitRule, make_folds

CASES = tuple(f"c{number}" for number in range(12))
PATIENTS = tuple(f"p{number // 2}" for number in range(12))
RULE = {"folds": 3, "val_share": 0.3, "seed": 0, "stratify_by": None, "by_site": False}
IDS = {"case_ids": CASES, "patient_ids": PATIENTS}


@pytest.fixture
def saved(tmp_path):
    folds = make_folds(PATIENTS, SplitRule(**RULE))
    save_splits(tmp_path / "splits.csv", folds, **IDS, rule=RULE)
    return tmp_path / "splits.csv", folds


def _assert_same(left, right):
    for one, other in zip(left, right, strict=True):
        for part in ("train", "val", "test"):
            np.testing.assert_array_equal(getattr(one, part), getattr(other, part))


def _rows(file):
    return list(csv.reader(file.read_text().splitlines()))


def _rewrite(file, change):
    rows = _rows(file)
    change(rows)
    with file.open("w", newline="") as stream:
        csv.writer(stream).writerows(rows)


def test_saved_splits_are_read_as_they_were_and_have_a_row_for_each_case(saved):
    file, folds = saved
    _assert_same(load_splits(file, **IDS, rule=RULE), folds)
    rows = _rows(file)
    assert rows[0] == ["case_id", "patient_id", "fold_0", "fold_1", "fold_2"]
    assert [row[0] for row in rows[1:]] == list(CASES)
    assert sorted(path.name for path in file.parent.iterdir()) == [
        "splits.csv",
        "splits.rule.json",
    ]


def test_the_order_of_rows_in_file_and_cohort_does_not_matter(saved):
    file, folds = saved
    _rewrite(file, lambda rows: rows.append(rows.pop(1)))
    backwards = {name: ids[::-1] for name, ids in IDS.items()}
    loaded = load_splits(file, **backwards, rule=RULE)
    for fold, was in zip(loaded, folds, strict=True):
        assert {CASES[::-1][row] for row in fold.test} == {CASES[row] for row in was.test}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows.pop(), r"1 case \(`c11`\) of the manifest not in it; delete the file"),
        (
            lambda rows: rows.append(["new", "p9", "train", "train", "train"]),
            r"1 case \(`new`\) of it not in the manifest; delete the file to make new ones",
        ),
        (lambda rows: rows.append(rows[1]), "case `c0` stands there more than once"),
        (
            lambda rows: rows[1].__setitem__(1, "p5"),
            "case `c0` is of patient `p5` there, but of `p0` in the manifest",
        ),
        (lambda rows: rows[1].__setitem__(2, "dev"), "fold_0 has `dev`, which is not train, val"),
        (
            lambda rows: [row.__setitem__(2, row[2].replace("val", "train")) for row in rows[1:]],
            "fold_0 has no val part",
        ),
        (
            lambda rows: rows[1].__setitem__(3, {"test": "train"}.get(rows[1][3], "test")),
            "patient `p0` is in more than one part of fold_1",
        ),
        (
            lambda rows: [row.__setitem__(3, row[2]) for row in rows[1:]],
            "is in the test part of more than one fold",
        ),
        (lambda rows: rows[0].__setitem__(0, "case"), "its columns must be case_id, patient_id"),
        (lambda rows: rows[2].pop(), "row 3 has 4 cells, the header 5"),
        (lambda rows: rows.clear(), "it is empty"),
        (
            lambda rows: [row.pop() for row in rows],
            "it has 2 folds, but `cohort.split.folds` asks for 3",
        ),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_the_difference(saved, change, message):
    _rewrite(saved[0], change)
    with pytest.raises(CohortError, match=message) as caught:
        load_splits(saved[0], **IDS, rule=RULE)
    assert "--set cohort.split.file=" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_text_is_refused(saved):
    saved[0].write_bytes(b"\xff\xfe\xff")
    with pytest.raises(CohortError, match="cannot be read"):
        load_splits(saved[0], **IDS, rule=RULE)


def test_other_settings_than_the_splits_were_made_with_are_refused(saved):
    changed = {**RULE, "seed": 1, "by_site": True}
    with pytest.raises(
        CohortError, match="made with other settings: seed was 0 and is 1, by_site was False and is"
    ):
        load_splits(saved[0], **IDS, rule=changed)


def test_splits_that_the_user_changed_are_the_users_whatever_they_were_made_with(saved):
    file, folds = saved
    _rewrite(file, lambda rows: None)  # other line ends, so other bytes
    _assert_same(load_splits(file, **IDS, rule={**RULE, "seed": 1}), folds)
    (file.parent / "splits.rule.json").unlink()
    _assert_same(load_splits(file, **IDS, rule={**RULE, "seed": 1}), folds)


@pytest.mark.parametrize("content", ["{", "[]", json.dumps({"made": 1, "sha256": ""})])
def test_a_broken_rule_beside_the_splits_is_told(saved, content):
    (saved[0].parent / "splits.rule.json").write_text(content)
    with pytest.raises(CohortError, match=r"splits\.rule\.json beside it cannot be read"):
        load_splits(saved[0], **IDS, rule=RULE)
