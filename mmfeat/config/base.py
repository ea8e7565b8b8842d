"""The base of all settings: immutable, and without room for a key that nobody reads."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=64)]
"""A name that may also be part of a file name and of an availability such as ``ct+clinical``."""
Share = Annotated[float, Field(gt=0, lt=1)]
"""A share of a whole, strictly between 0 and 1."""


class StrictModel(BaseModel):
    """Refuse unknown keys and later changes; the string under each field is its description."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, validate_default=True
    )
