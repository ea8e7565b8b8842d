"""Settings of networks that are tried out side by side: a list of values for each."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from mmfeat.config.spelling import did_you_mean

GRID_SETTINGS = (
    "learning_rate",
    "weight_decay",
    "dropout",
    "batch_size",
    "epochs",
    "patience",
    "contrastive_epochs",
    "contrastive_bank",
    "warmup_epochs",
    "cosine",
    "largest_norm",
    "averaging",
    "sampled_views",
    "base_rates",
)
"""The settings of `train` that a grid may vary: the numbers that networks are trained with."""


def checked_grid(
    grid: Mapping[str, Sequence[Any]], fields: Mapping[str, FieldInfo]
) -> dict[str, list[Any]]:
    """Return a grid with its values as the settings of the same names would hold them.

    Args:
        grid: For each setting, the values to try.
        fields: The fields of the training settings.

    Raises:
        ValueError: A name is none that can be varied, a value is none of its setting, or stands
            twice; the message begins with the name.
    """
    checked: dict[str, list[Any]] = {}
    for name, values in grid.items():
        if name not in GRID_SETTINGS or name not in fields:
            known = [one for one in GRID_SETTINGS if one in fields]
            advice = did_you_mean(name, known) or f"; known here: {', '.join(known)}"
            raise ValueError(f"{name}: cannot be varied{advice}")
        if not values:
            raise ValueError(f"{name}: give one value or more, such as [0.1, 0.3]")
        adapter = TypeAdapter(fields[name].rebuild_annotation())
        checked[name] = [_checked(adapter, name, value) for value in values]
        if len(set(checked[name])) < len(values):
            raise ValueError(f"{name}: one value is named twice in {list(values)}")
    return checked


def _checked(adapter: TypeAdapter[Any], name: str, value: object) -> Any:  # noqa: ANN401 - any setting's
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]["msg"].removeprefix("Input ")
        raise ValueError(f"{name}: `{value}` {problem}") from error
