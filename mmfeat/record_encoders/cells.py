"""Cells of records as tensors, and how they are hidden in training."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool
from torch import Tensor

from mmfeat.record_encoders.blueprint import Blueprint
from mmfeat.tabular.column_inputs import ColumnInputs

WHOLE_SHARE = 0.5
"""Share of a training batch's records of which nothing is hidden: gaps that a hospital leaves tell
something too, and could not be told from ours if every record had some."""


@dataclass(frozen=True)
class Cells:
    """Hold the cells of some records.

    Shape:
        - ``numbers``: ``(cases, n_numbers)``, NaN where unknown.
        - ``categories``: ``(cases, n_categorical)``, the last code of each where unknown.
    """

    numbers: Tensor
    categories: Tensor

    @classmethod
    def of(cls, inputs: ColumnInputs, device: str = "cpu") -> "Cells":
        """Put all cases on the device."""
        return cls(
            torch.from_numpy(inputs.numbers).to(device),
            torch.from_numpy(inputs.categories).to(device),
        )

    def __len__(self) -> int:
        """Return the number of cases."""
        return len(self.numbers)

    def part(self, rows: Tensor | slice) -> "Cells":
        """Return some of the cases."""
        return Cells(self.numbers[rows], self.categories[rows])

    def hidden(self, where: Bool[Tensor, "cases columns"], blueprint: Blueprint) -> "Cells":
        """Return the same cases with some of the record's columns unknown in each."""
        where = where.to(self.numbers.device)
        unknown = torch.tensor(blueprint.cardinalities, dtype=torch.int64) - 1
        return Cells(
            self.numbers.masked_fill(where[:, list(blueprint.column_of_number)], torch.nan),
            torch.where(
                where[:, list(blueprint.column_of_category)],
                unknown.to(where.device),
                self.categories,
            ),
        )


def random_gaps(
    n_cases: int,
    n_columns: int,
    *,
    generator: torch.Generator,
    whole_share: float = WHOLE_SHARE,
) -> Bool[Tensor, "cases columns"]:
    """Say which columns of each case are to be hidden.

    A share of the cases stays whole. Of every other one each column is hidden with a probability
    that is drawn for the case, from 0 to 1: so half-empty and nearly empty records are seen.
    """
    is_gappy = torch.rand(n_cases, 1, generator=generator) >= whole_share
    rates = torch.rand(n_cases, 1, generator=generator) * is_gappy
    return torch.rand(n_cases, n_columns, generator=generator) < rates
