"""Say in a user's words what pydantic found wrong with the settings."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mmfeat.config.base import StrictModel
from mmfeat.config.setting_places import SettingPlace, locate
from mmfeat.config.settings import Settings
from mmfeat.config.spelling import did_you_mean
from mmfeat.wording import first_few

_RULES = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "dict_type": "a group of `name: value` lines",
    "finite_number": "a finite number",
    "float_parsing": "a number",
    "float_type": "a number",
    "greater_than": "above {gt:g}",
    "greater_than_equal": "{ge:g} or more",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "less_than": "below {lt:g}",
    "less_than_equal": "at most {le:g}",
    "list_type": "a list, such as [a, b]",
    "literal_error": "{expected}",
    "model_attributes_type": "a group of settings",
    "model_type": "a group of settings",
    "path_type": "a path",
    "string_pattern_mismatch": (
        "a name of letters, digits, `_`, `.` and `-` that begins with a letter or digit"
    ),
    "string_too_long": "at most {max_length} characters long",
    "string_type": "text",
    "too_short": "a list or group with {min_length} or more entries",
}
_SHOWN_KEYS = 12
_LONGEST_VALUE = 60


@dataclass(frozen=True)
class SettingFault:
    """One thing wrong with the settings: its dotted key and a line for the user."""

    path: str
    line: str


def setting_faults(
    error: ValidationError, root: type[StrictModel] = Settings
) -> list[SettingFault]:
    """Return what pydantic found, in its order; a union's members complain in one line.

    Args:
        error: What pydantic raised.
        root: The model of the whole file.
    """
    faults: list[SettingFault] = []
    allowed: dict[str, list[str]] = {}
    for found in error.errors(include_url=False):
        place = locate(found["loc"], root)
        fault = _special_fault(found, place)
        if fault is None:
            if place.path in allowed:  # of the union's member before this one
                faults.pop()
            rules = allowed.setdefault(place.path, [])
            rules += [_rule(found)] * (_rule(found) not in rules)
            line = f"`{place.path}` must be {' or '.join(rules)}, got {_shown(found['input'])}"
            fault = SettingFault(place.path, line)
        faults.append(fault)
    return faults


def _special_fault(found: ErrorDetails, place: SettingPlace) -> SettingFault | None:
    context = found.get("ctx", {})
    match found["type"]:
        case "extra_forbidden" | "invalid_key":
            line = f"unknown key `{place.path}`{_advice(place)}"
        case "missing":
            line = f"missing key `{place.path}`{_description(place)}"
        case "union_tag_not_found":
            key = str(context["discriminator"]).strip("'")
            line = f"missing key `{place.path}.{key}`: one of {', '.join(place.tags)}"
        case "union_tag_invalid":
            key, tag = str(context["discriminator"]).strip("'"), str(context["tag"])
            line = (
                f"`{place.path}.{key}` must be one of {', '.join(place.tags)}, "
                f"got `{tag}`{did_you_mean(tag, place.tags)}"
            )
        case "value_error":
            return _own_fault(place.path, str(context["error"]))
        case _:
            return None
    return SettingFault(place.path, line)


def _own_fault(path: str, text: str) -> SettingFault:
    """Read the message of one of our own checks; it may begin with a key below the place."""
    key, colon, rest = text.partition(": ")
    if colon and re.fullmatch(r"[a-z_]+(\.[a-z_]+)*", key):
        path, text = f"{path}.{key}" if path else key, rest
    return SettingFault(path, f"`{path}`: {text}" if path else text)


def _advice(place: SettingPlace) -> str:
    """Return the likely key for an unknown one: in the same group, or else in another section."""
    if place.holder is None:
        return ""
    key = place.path.rpartition(".")[2]
    known = list(place.holder.model_fields)
    near = did_you_mean(key, known)
    if near:
        return near
    for section, field in Settings.model_fields.items():
        model = field.annotation
        if isinstance(model, type) and issubclass(model, StrictModel) and key in model.model_fields:
            return f"; did you mean `{section}.{key}`?"
    return f"; known here: {first_few(known, _SHOWN_KEYS)}"


def _description(place: SettingPlace) -> str:
    if place.holder is None:
        return ""
    field = place.holder.model_fields[place.path.rpartition(".")[2]]
    text = " ".join((field.description or "").split())
    return f": {text.removesuffix('.')}" if text else ""


def _rule(found: ErrorDetails) -> str:
    rule = _RULES.get(found["type"])
    if rule is not None:
        return rule.format(**found.get("ctx", {})).replace("'", "`")
    return found["msg"].removeprefix("Input should be ")


def _shown(value: Any) -> str:  # noqa: ANN401 - whatever the user wrote
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a group" if value else "an empty group"
    text = str(value)
    return f"`{text}`" if len(text) <= _LONGEST_VALUE else f"`{text[:_LONGEST_VALUE]}...`"


def in_lines(place: str, faults: Sequence[str]) -> str:
    """Return one fault in one line, or several in a line each under one that counts them."""
    if len(faults) == 1:
        return f"{place}: {faults[0]}"
    return "\n  ".join([f"{place}: {len(faults)} settings are wrong", *faults])
