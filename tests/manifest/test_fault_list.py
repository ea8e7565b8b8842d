from pathlib import Path

import pytest

from mmfeat.errors import CohortError, Fault
from mmfeat.manifest.fault_list import refuse

FILE = Path("table.csv")


def test_no_fault_is_no_error():
    refuse(FILE, [])


def test_one_fault_is_one_line():
    with pytest.raises(CohortError, match=r"^table\.csv: row 3, column `x`: no \(found `1`\)$"):
        refuse(FILE, [Fault("no", 3, "x", "1")])


def test_the_first_twenty_are_shown_by_row_and_all_are_on_the_error():
    faults = [Fault("wrong", row) for row in range(60, 10, -1)] + [Fault("whole", column="x")]
    with pytest.raises(CohortError) as caught:
        refuse(FILE, [*faults, *faults])
    lines = str(caught.value).splitlines()
    assert lines[0] == "table.csv: 51 faults"
    assert lines[1:3] == ["  column `x`: whole", "  row 11: wrong"]
    assert lines[-1] == "  ... and 31 more"
    assert len(lines) == 22
    assert [fault.row for fault in caught.value.faults] == [None, *range(11, 61)]
