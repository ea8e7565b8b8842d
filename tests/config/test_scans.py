"""Where the scans of a case are named, and the rules for several of them."""

import pytest
from pydantic import ValidationError

from mmfeat.config.modalities import VolumeModality

TABLE = {"file": "scans.csv"}
DATED = {"file": "scans.csv", "date": "date"}
DAYS = {"file": "scans.csv", "days": "days"}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "missing key `column`, the column with the scan of each case, or `scans`"),
        ({"column": "ct", "scans": TABLE}, "scans: take it out or `column`"),
        ({"scans": DATED}, r"scans\.date: needs `index_date` beside `scans`"),
        ({"scans": TABLE, "index_date": "day"}, r"index_date: needs `scans\.date`"),
        ({"scans": DAYS, "index_date": "day"}, r"index_date: needs `scans\.date`"),
        ({"column": "ct", "index_date": "day"}, r"index_date: needs `scans\.date`"),
        ({"column": "ct", "several": "latest"}, r"several: `latest` needs `scans\.date` or"),
        ({"scans": TABLE, "several": "earliest"}, r"several: `earliest` needs `scans\.date` or"),
        ({"scans": TABLE, "after_index": "use"}, r"after_index: needs `scans\.date` or"),
        ({"scans": DATED | DAYS, "index_date": "day"}, "days: take it out or `date`"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings, message):
    with pytest.raises(ValidationError, match=message):
        VolumeModality(kind="volume", **settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"column": "ct", "several": "set"},
        {"scans": TABLE, "several": "max"},
        {"scans": DAYS, "several": "latest", "after_index": "leave_out"},
        {"scans": DATED, "index_date": "day", "several": "earliest", "after_index": "use"},
    ],
)
def test_settings_that_fit_are_accepted(settings):
    assert VolumeModality(kind="volume", **settings).several == settings["several"]
