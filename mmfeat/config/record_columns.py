"""Settings of the columns of the clinical record: what each means and how its cells are written."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from mmfeat.config.base import StrictModel
from mmfeat.config.cohort import Label


class NumericColumn(StrictModel):
    """A number."""

    type: Literal["numeric"]
    unit: str | None = None
    """Unit of the column's numbers; cells may repeat it, as in `61 kg`."""
    units: dict[str, PositiveFloat] = {}
    """Other units that cells may be written in, with the factor that turns each into `unit`, such
    as `{lb: 0.45359237}`."""
    decimal: Literal[".", ","] = "."
    """The sign before the decimals."""
    thousands: Literal["", ",", ".", " ", "'"] = ""
    """The sign between groups of three digits; not used when empty."""
    missing: list[Label] = []
    """Values that mean that nothing is known in this column, such as 9999."""
    limits: Literal["refuse", "limit", "half"] = "refuse"
    """What a cell such as `<0.5` or `>100` is read as: an error, the `limit` itself, or `half` of
    an upper limit; a column of its own then says on which side of the number the value is."""
    minimum: float | None = None
    """Smallest believable value."""
    maximum: float | None = None
    """Largest believable value."""
    outside: Literal["refuse", "missing", "clip"] = "refuse"
    """What a value beyond `minimum` or `maximum` is: an error, unknown, or that bound."""

    @model_validator(mode="after")
    def _check(self) -> "NumericColumn":
        low, high = self.minimum, self.maximum
        if low is not None and high is not None and low > high:
            raise ValueError(f"minimum: {low:g} is above the maximum {high:g}")
        if self.decimal == self.thousands:
            raise ValueError(f"thousands: `{self.thousands}` is also the sign before the decimals")
        if self.units and self.unit is None:
            raise ValueError("units: needs `unit`, which they are turned into")
        if self.outside != "refuse" and low is None and high is None:
            raise ValueError(f"outside: `{self.outside}` needs a `minimum` or a `maximum`")
        return self


class CategoricalColumn(StrictModel):
    """One of several unordered categories."""

    type: Literal["categorical"]
    categories: list[Label] | None = None
    """All categories. When not given, they are learnt from the training part, and a category that
    is rare there or unseen counts as `other`."""
    others: Literal["refuse", "other"] = "refuse"
    """What a value is that is none of the declared `categories`: an error, or `other`."""
    missing: list[Label] = []
    """Values that mean that nothing is known in this column, such as 9."""
    synonyms: dict[str, list[Label]] = {}
    """Other spellings of a category, such as `{female: [f, w, woman]}`."""
    ignore_case: bool = False
    """Whether `Male`, `MALE ` and `male` are one category."""

    @model_validator(mode="after")
    def _check(self) -> "CategoricalColumn":
        if self.others == "other" and self.categories is None:
            raise ValueError("others: needs `categories`, the declared ones")
        return self


class OrdinalColumn(StrictModel):
    """One of several ordered levels."""

    type: Literal["ordinal"]
    levels: Annotated[list[Label], Field(min_length=2)]
    """All levels from the lowest to the highest; another value is an error."""
    missing: list[Label] = []
    """Values that mean that nothing is known in this column, such as 9."""
    synonyms: dict[str, list[Label]] = {}
    """Other spellings of a level, such as `{IIIA: ["3a", "stage IIIA"]}`."""
    ignore_case: bool = False
    """Whether `mild` and `Mild` are one level."""


class BooleanColumn(StrictModel):
    """Yes or no."""

    type: Literal["boolean"]
    true: list[Label] = [
        *(1, "true", "t", "yes", "y", "ja", "j", "oui", "si", "sí", "sim", "da"),
        *("positive", "pos", "+", "present", "x", "checked", "on"),
    ]
    """Values that mean yes, whatever their case."""
    false: list[Label] = [
        *(0, "false", "f", "no", "n", "nein", "non", "não", "nao", "nie", "net"),
        *("negative", "neg", "-", "absent", "unchecked", "off"),
    ]
    """Values that mean no, whatever their case."""


class DateDifferenceColumn(StrictModel):
    """A date, used as the number of days from it to an index date, positive if it comes before."""

    type: Literal["date_difference"]
    until: str
    """Column with the index date, for example the date of the scan."""
    format: str = "%Y-%m-%d"
    """How both dates are written, in the signs of Python's strptime."""


class CodesColumn(StrictModel):
    """Any number of codes in each cell, such as diagnoses (ICD-10) or medicines (ATC)."""

    type: Literal["codes"]
    separator: Annotated[str, Field(min_length=1)] = ";"
    """What stands between two codes of a cell; spaces around it do not count."""
    cut: PositiveInt | None = None
    """Signs of a code that are kept: 3 makes the ICD-10 code C34.1 its category C34, 4 the ATC
    code C10AA05 its group C10A."""
    none: list[Label] = ["none", "no", "0", "-"]
    """Cells that mean that the case has no code; an empty one means that it is not known."""


class TextColumn(StrictModel):
    """Short free text, such as a smoking history or a finding, embedded by a frozen network."""

    type: Literal["text"]
    model: Path | None = None
    """Folder of a sentence encoder as sentence-transformers or transformers save it, relative to
    the settings file. When not given, all-MiniLM-L6-v2 (English) of the extra `text`."""
    missing: list[Label] = []
    """Texts that mean that nothing is known in this column, such as `see letter`."""


Column = Annotated[
    NumericColumn
    | CategoricalColumn
    | OrdinalColumn
    | BooleanColumn
    | DateDifferenceColumn
    | CodesColumn
    | TextColumn,
    Field(discriminator="type"),
]
