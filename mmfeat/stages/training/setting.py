"""A point of the grid: numbers of the training of networks that are tried out beside others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from mmfeat.fusion.contract import FitOptions


@dataclass(frozen=True)
class Setting:
    """Hold what one point of the grid sets.

    Example:
        >>> one = Setting((("learning_rate", 1e-4), ("dropout", 0.1)))
        >>> one.label
        'learning_rate=0.0001,dropout=0.1'
        >>> one.options(FitOptions()).learning_rate
        0.0001
    """

    values: tuple[tuple[str, Any], ...] = ()

    @property
    def label(self) -> str:
        """Name of the setting, also of its folder; empty where nothing is varied."""
        return ",".join(f"{name}={value}" for name, value in self.values)

    def options(self, options: FitOptions) -> FitOptions:
        """Return the numbers with this setting's in place of some."""
        return replace(options, **dict(self.values))


AS_SET = Setting()
"""Everything as the settings say: where there is no grid, or a method has no such numbers."""


def settings_of(grid: Mapping[str, Sequence[Any]]) -> tuple[Setting, ...]:
    """Return every combination of the values of a grid, the last name's changing fastest.

    Example:
        >>> [one.label for one in settings_of({"epochs": [5, 9], "dropout": [0.1]})]
        ['epochs=5,dropout=0.1', 'epochs=9,dropout=0.1']
        >>> settings_of({}) == (AS_SET,)
        True
    """
    return tuple(Setting(tuple(zip(grid, point, strict=True))) for point in product(*grid.values()))
