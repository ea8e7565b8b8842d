"""Settings of launchers are checked, and are in nothing that is kept or compared."""

import pytest
from pydantic import ValidationError

from mmfeat.config.launching import LaunchSettings
from mmfeat.config.settings import Settings

COHORT = {
    "cohort": {
        "manifest": "table.csv",
        "targets": {"cancer": {"kind": "binary", "column": "cancer"}},
    },
    "modalities": {"ct": {"kind": "volume", "column": "ct"}},
}


def test_what_is_launched_how_is_in_no_dump_of_the_settings():
    launched = Settings.model_validate({**COHORT, "launch": {"shards": 7, "folder": "/x"}})
    assert launched.launch.shards == 7
    assert launched.model_dump(mode="json") == Settings.model_validate(COHORT).model_dump(
        mode="json"
    )


@pytest.mark.parametrize(
    ("settings", "place"),
    [({"shards": 0}, "shards"), ({"local": {"processes": "many"}}, "processes")],
)
def test_counts_are_numbers_above_zero_or_auto(settings, place):
    with pytest.raises(ValidationError, match=place):
        LaunchSettings.model_validate(settings)
