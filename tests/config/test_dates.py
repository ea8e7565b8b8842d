from datetime import datetime

import pytest

from mmfeat.config.dates import date_parser


def test_dates_are_read_in_their_format():
    assert date_parser("%d.%m.%Y")("31.12.2020") == datetime(2020, 12, 31)
    with pytest.raises(
        ValueError, match=r"not a date written as `%d\.%m\.%Y`, such as 31\.01\.2026"
    ):
        date_parser("%d.%m.%Y")("2020-12-31")


@pytest.mark.parametrize("form", ["%Q", "%d %d", "%"])
def test_a_format_that_strptime_does_not_know_is_refused(form):
    with pytest.raises(ValueError, match="of the settings is no date format of strptime"):
        date_parser(form)
