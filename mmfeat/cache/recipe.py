"""The identity of a cache folder: `recipe.json`, and how two identities differ."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmfeat.errors import CacheError

RECIPE_NAME = "recipe.json"


def read_recipe(folder: Path) -> dict[str, Any]:
    """Read what the features of a cache folder were made from.

    Raises:
        CacheError: The file cannot be read or is not a JSON object.
    """
    path = folder / RECIPE_NAME
    try:
        recipe = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CacheError(
            f"{path}: cannot be read ({error}); delete it, and `mmfeat extract` writes it again; "
            "the features are kept"
        ) from error
    if not isinstance(recipe, dict):
        raise CacheError(
            f"{path}: is not a JSON object; delete it, and `mmfeat extract` writes it again; "
            "the features are kept"
        )
    return recipe


def describe_differences(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """Name the fields in which two identities differ, nested ones with dots.

    Example:
        >>> there, here = {"recipe": {"spacing_mm": 3}}, {"recipe": {"spacing_mm": 1.5}, "v": 2}
        >>> describe_differences(there, here)
        'recipe.spacing_mm (3 there, 1.5 here), v (absent there, 2 here)'
    """
    return ", ".join(differing_fields(found, wanted))


def other_recipes(folders: Path, identity: Mapping[str, Any]) -> str:
    """Say in brackets how the cache folders in a folder differ from an identity, if any do."""
    others = [
        f"{path.parent.name} differs in {differences}"
        for path in sorted(folders.glob(f"*/{RECIPE_NAME}"))
        if (differences := describe_differences(read_recipe(path.parent), identity))
    ]
    return f" (there is: {'; '.join(others)})" if others else ""


def differing_fields(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """Return the fields in which two identities differ, as ``describe_differences`` says them."""
    left, right = _flatten(found), _flatten(wanted)
    return [
        f"{key} ({left.get(key, 'absent')} there, {right.get(key, 'absent')} here)"
        for key in sorted(left.keys() | right.keys())
        if left.get(key) != right.get(key)
    ]


def _flatten(value: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, item in value.items():
        if isinstance(item, Mapping) and item:
            flat |= _flatten(item, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = json.dumps(item, ensure_ascii=False)
    return flat
