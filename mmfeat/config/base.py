"""The base of all settings: immutable, and without room for a key that nobody reads."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from mmfeat.remote_path import RemotePath, is_url

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=64)]
"""A name that may also be part of a file name and of an availability such as ``ct+clinical``."""
Share = Annotated[float, Field(gt=0, lt=1)]
"""A share of a whole, strictly between 0 and 1."""


def _url_or_path(value: Any) -> Any:  # noqa: ANN401 - as read from YAML
    return RemotePath.parse(value) if isinstance(value, str) and is_url(value) else value


FileOrUrl = Annotated[
    Path | InstanceOf[RemotePath],
    BeforeValidator(_url_or_path),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "format": "path"}),
]
"""A path, or a URL of a kind that is read; kept without what may be secret in it."""


class StrictModel(BaseModel):
    """Refuse unknown keys and later changes; the string under each field is its description.

    Numbers may stand where a text is wanted, such as the name of a column, and must be finite.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        validate_default=True,
        coerce_numbers_to_str=True,
        allow_inf_nan=False,
    )

    @model_validator(mode="before")
    @classmethod
    def _read_nothing_as_no_keys(cls, value: Any) -> Any:  # noqa: ANN401 - as read from YAML
        """Accept a section whose lines are all commented out."""
        return {} if value is None else value
