"""Settings that pages show, as a whole or in part, put where they belong in whole settings."""

from copy import deepcopy
from typing import Any

from mmfeat.config.modalities import TableModality, VolumeModality
from mmfeat.config.settings import Settings
from mmfeat.config.yaml_text import parse_yaml

from .pages import Block

WHOLE = {
    "cohort": {
        "manifest": "manifest.csv",
        "targets": {
            name: {"kind": "binary", "column": name} for name in ("cancer", "survival", "fev1")
        },
    },
    "modalities": {
        "ct": {"kind": "volume", "column": "ct", "encoder": "intensity-stats"},
        "clinical": {"kind": "table", "columns": {"age": {"type": "numeric"}}},
    },
}


def whole_settings(block: Block) -> dict[str, Any]:
    """Return whole settings with what a block shows of them in its place.

    A block may begin at the top, with modalities, with settings of a scan or of a record, or with
    columns of a record; what it begins with says which.
    """
    shown = parse_yaml(block.text, block.place)
    assert isinstance(shown, dict), block.place
    whole = deepcopy(WHOLE)
    place = whole
    for name in _way_to(shown):
        place = place[name]
    _put(shown, place)
    return whole


def _way_to(shown: dict[str, Any]) -> tuple[str, ...]:
    if shown.keys() <= Settings.model_fields.keys():
        return ()
    values = [value for value in shown.values() if isinstance(value, dict)]
    if len(values) == len(shown):
        if all("kind" in value for value in values):
            return ("modalities",)
        if all("type" in value for value in values):
            return ("modalities", "clinical", "columns")
    if shown.keys() <= VolumeModality.model_fields.keys():
        return ("modalities", "ct")
    if shown.keys() <= TableModality.model_fields.keys():
        return ("modalities", "clinical")
    return ()


def _put(shown: dict[str, Any], place: dict[str, Any]) -> None:
    """Put settings over others, as somebody does who types them into the file.

    What is not shown stays, but what has a kind takes the place of what was there under its name;
    a record keeps its columns where none are shown.
    """
    for name, value in shown.items():
        before = place.get(name)
        if not isinstance(value, dict) or not isinstance(before, dict):
            place[name] = value
        elif "kind" not in value:
            _put(value, before)
        elif value["kind"] == "table":
            place[name] = {"columns": before.get("columns")} | value
        else:
            place[name] = value
