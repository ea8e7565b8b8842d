"""`failures.csv` keeps the newest reason of each failed case, whoever writes at the same time."""

import csv
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfeat.cache.failures import FAILURES_NAME, read_failures, update_failures
from mmfeat.cache.rows import Failure
from mmfeat.errors import CacheError

WHEN = "2025-01-01T00:00:00+00:00"


def _failure(case_id, reason="is truncated", quality=""):
    return Failure(case_id, f"scans/{case_id}.nii", reason, "s1", WHEN, quality)


def test_without_a_list_there_are_no_failures(tmp_path):
    assert read_failures(tmp_path) == {}


def test_a_failure_comes_back_with_all_that_is_known_of_it(tmp_path):
    one = _failure("a", 'no "header",\nnor body', quality='{"n_slices":2}')
    update_failures(tmp_path, [one], ())
    assert read_failures(tmp_path) == {one.key: one}


def test_the_newest_reason_counts_and_other_cases_stay(tmp_path):
    update_failures(tmp_path, [_failure("b"), _failure("a")], ())
    update_failures(tmp_path, [_failure("a", "is gone")], ())
    found = read_failures(tmp_path)
    assert {case: failure.reason for (case, _), failure in found.items()} == {
        "a": "is gone",
        "b": "is truncated",
    }


def test_the_scans_of_a_case_have_a_reason_each(tmp_path):
    first, second = (Failure("a", path, "is truncated", "s1", WHEN) for path in ("1.nii", "2.nii"))
    update_failures(tmp_path, [first, second], ())
    assert read_failures(tmp_path) == {("a", "1.nii"): first, ("a", "2.nii"): second}
    update_failures(tmp_path, [], {("a", "1.nii")})
    assert read_failures(tmp_path) == {("a", "2.nii"): second}


def test_a_scan_that_succeeded_is_dropped_and_one_that_failed_again_stays(tmp_path):
    update_failures(tmp_path, [_failure("a"), _failure("b"), _failure("c")], ())
    keys = {_failure(case).key for case in "ab"}
    update_failures(tmp_path, [_failure("b", "again")], keys)
    assert {case: f.reason for (case, _), f in read_failures(tmp_path).items()} == {
        "b": "again",
        "c": "is truncated",
    }


def test_the_list_is_sorted_by_case_and_a_plain_csv_file(tmp_path):
    update_failures(tmp_path, [_failure("b"), _failure("a")], ())
    with (tmp_path / FAILURES_NAME).open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["case_id"] for row in rows] == ["a", "b"]
    assert rows[0]["reason"] == "is truncated"


def test_the_file_is_left_alone_when_nothing_changes(tmp_path):
    update_failures(tmp_path, [], {_failure("a").key})
    assert not (tmp_path / FAILURES_NAME).exists()
    update_failures(tmp_path, [_failure("a")], ())
    os.utime(tmp_path / FAILURES_NAME, (1, 1))
    update_failures(tmp_path, [_failure("a")], {_failure("b").key})
    assert (tmp_path / FAILURES_NAME).stat().st_mtime == 1


def test_a_list_that_cannot_be_read_is_not_overwritten(tmp_path):
    (tmp_path / FAILURES_NAME).write_text("case,why\na,b\n")
    with pytest.raises(CacheError, match=r"failures\.csv: not a list of failures .*delete it, and"):
        update_failures(tmp_path, [_failure("a")], ())
    assert (tmp_path / FAILURES_NAME).read_text() == "case,why\na,b\n"


WRITER = """
import sys
from pathlib import Path
from mmfeat.cache.failures import update_failures
from mmfeat.cache.rows import Failure

for number in range(40):
    case = f"{sys.argv[2]}-{number:02d}"
    update_failures(Path(sys.argv[1]), [Failure(case, "p", "r", "s", "w")], ())
"""


def test_several_writers_at_once_forget_nothing(tmp_path):
    arguments = [sys.executable, "-c", WRITER, str(tmp_path)]
    writers = [subprocess.Popen([*arguments, name]) for name in "abc"]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    found = [case for case, _ in read_failures(tmp_path)]
    assert found == [f"{name}-{n:02d}" for name in "abc" for n in range(40)]


_TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)


@given(st.dictionaries(_TEXTS, st.tuples(_TEXTS, _TEXTS, _TEXTS)))
def test_any_texts_come_back_as_they_were(tmp_path_factory, texts):
    folder = tmp_path_factory.mktemp("cache")
    failures = [
        Failure(case, path, reason, "s", WHEN, quality)
        for case, (path, reason, quality) in texts.items()
    ]
    update_failures(folder, failures, ())
    assert read_failures(folder) == {failure.key: failure for failure in failures}
