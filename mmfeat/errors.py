"""Errors that a user can cause and mend: one line, what was found where, and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass

_LONGEST_LINE = 200


class MmfeatError(Exception):
    """A fault that the user can mend; the command line prints it in one line and exits with 2."""


class ConfigError(MmfeatError):
    """The settings file is missing, malformed, or asks for something that does not exist."""


class CohortError(MmfeatError):
    """The manifest or the splits cannot be used as they are; ``faults`` lists all that is wrong."""

    def __init__(self, message: str, faults: "Sequence[Fault]" = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults)


class VolumeError(MmfeatError):
    """A CT volume cannot be read, or what was read is not a CT volume in Hounsfield units.

    The message may be kept in files. ``on_screen`` may also hold free text of a header, such as the
    description of a series, which may name a patient; it is for whoever sits there, and never kept.
    """

    def __init__(self, message: str, *, on_screen: str | None = None) -> None:
        super().__init__(message)
        self.on_screen = message if on_screen is None else on_screen


class EncoderError(MmfeatError):
    """An encoder cannot be made: unknown name or option, missing or foreign weights."""


class DeviceMemoryError(EncoderError):
    """A device's memory is too small for what an encoder was given; other scans may fit."""


class CacheError(MmfeatError):
    """A feature cache is torn, mixed, stale, or not where the settings say."""


class RecordError(MmfeatError):
    """A clinical record does not fit its declared columns."""


class FeaturesError(MmfeatError):
    """A file of embeddings made elsewhere cannot be used, or does not fit the cohort."""


class TrainError(MmfeatError):
    """Training cannot start or a trained run cannot be read."""


class EvalError(MmfeatError):
    """A run cannot be evaluated."""


class LaunchError(MmfeatError):
    """A job cannot be launched, or what is left of one cannot be read."""


class RemoteError(MmfeatError):
    """A file of an object store or a web server is not there, or cannot be had."""

    def __init__(self, message: str, *, is_missing: bool = False) -> None:
        super().__init__(message)
        self.is_missing = is_missing
        """Say that the store was reached, and has no such file."""


class Interrupted(Exception):  # noqa: N818 - it is not an error: everything finished is kept
    """A signal asked the command to stop; everything finished is kept (exit code 75)."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong with the user's table: where, what was found, what to do."""

    message: str
    """What is wrong and what to do about it, without the place."""
    row: int | None = None
    """Line in the file as a spreadsheet shows it: the first row under the header is 2."""
    column: str | None = None
    value: str | None = None
    table: str | None = None
    """Name of the table when it is not the manifest."""

    def __str__(self) -> str:
        """Return the fault in one line."""
        place = [self.table] if self.table is not None else []
        place += [f"row {self.row}"] if self.row is not None else []
        place += [f"column `{self.column}`"] if self.column is not None else []
        found = f" (found `{self.value}`)" if self.value is not None else ""
        return f"{', '.join(place)}: {self.message}{found}" if place else f"{self.message}{found}"


def one_line(error: BaseException) -> str:
    r"""Return another library's error in one line, shortened; its kind when it has no text.

    Example:
        >>> one_line(ValueError("two\n  lines"))
        'two lines'
        >>> one_line(EOFError())
        'EOFError'
    """
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= _LONGEST_LINE else f"{text[: _LONGEST_LINE - 3]}..."
