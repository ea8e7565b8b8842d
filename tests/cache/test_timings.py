"""Each case has a line of its own, also after a write that was cut."""

import json

import numpy as np

from mmfeat.cache.rows import FeatureRow
from mmfeat.cache.timings import TIMINGS_NAME, note_timings


def _row(case_id, **costs):
    return FeatureRow(case_id, "ab", "s", np.ones(1, np.float32), costs=costs)


def _lines(folder):
    return (folder / TIMINGS_NAME).read_text().splitlines()


def test_costs_are_added_one_line_a_case_and_cases_without_any_are_left_out(tmp_path):
    note_timings(tmp_path, [_row("a", read={"s": 1.5}), _row("b"), _row("c", read={"s": 2.0})])
    note_timings(tmp_path, [_row("d", read={"s": 3.0})])
    assert [json.loads(line) for line in _lines(tmp_path)] == [
        {"case_id": "a", "read": {"s": 1.5}},
        {"case_id": "c", "read": {"s": 2.0}},
        {"case_id": "d", "read": {"s": 3.0}},
    ]


def test_a_line_that_was_cut_does_not_spoil_the_next_one(tmp_path):
    note_timings(tmp_path, [_row("a", read={"s": 1.5})])
    file = tmp_path / TIMINGS_NAME
    file.write_bytes(file.read_bytes()[:-7])
    note_timings(tmp_path, [_row("b", read={"s": 2.0})])
    assert json.loads(_lines(tmp_path)[-1]) == {"case_id": "b", "read": {"s": 2.0}}
    assert len(_lines(tmp_path)) == 2
