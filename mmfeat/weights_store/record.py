"""What is remembered of weights on this machine: where they came from, and what they were."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mmfeat.errors import EncoderError
from mmfeat.provenance import write_json

_FORMAT = "mmfeat weights 1"


@dataclass(frozen=True)
class WeightsRecord:
    """Say where one file with weights is, and all that was seen when it came."""

    encoder: str
    file: Path
    source: str
    """An address, or the place on this machine that it was copied from."""
    revision: str | None
    """Commit of the hub's repository."""
    etag: str | None
    """What the server calls this version of the file."""
    n_bytes: int
    sha256: str
    compared_with: str | None
    """The published digest that it has: ``SHA-256`` or ``MD5``; None where none is known."""
    code_licence: str
    weights_licence: str
    trained_on: tuple[str, ...]
    added: str
    """When, in UTC."""
    added_by: str
    """The version of mmfeat."""

    def to_json(self, relative_to: Path) -> dict[str, Any]:
        """Return it as JSON values; a file inside the folder is named relative to it."""
        inside = self.file.is_relative_to(relative_to)
        file = self.file.relative_to(relative_to) if inside else self.file
        return {"format": _FORMAT, **asdict(self), "file": file.as_posix()}


def write_record(record: WeightsRecord, path: Path) -> None:
    """Write a record, atomically."""
    write_json(path, record.to_json(path.parent))


def read_record(path: Path) -> WeightsRecord | None:
    """Read a record; None when there is none.

    Raises:
        EncoderError: The file is not such a record.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise EncoderError(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise _not_a_record(path) from error
    if not isinstance(values, Mapping) or values.get("format") != _FORMAT:
        raise _not_a_record(path)
    fields = {name: value for name, value in values.items() if name != "format"}
    try:
        fields["trained_on"] = tuple(fields["trained_on"])
        fields["file"] = path.parent / fields["file"]
        return WeightsRecord(**fields)
    except (KeyError, TypeError) as error:
        raise _not_a_record(path) from error


def _not_a_record(path: Path) -> EncoderError:
    return EncoderError(
        f"{path}: damaged, or of another version of mmfeat; remove it, and fetch or add the "
        "weights again"
    )
