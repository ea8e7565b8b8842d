"""What is said of a shard that is not what it was."""

from collections.abc import Sequence
from pathlib import Path

from mmfeat.errors import CacheError
from mmfeat.wording import first_few

_SHOWN_CASES = 5


def torn(path: Path, reason: str) -> CacheError:
    """Return the error for a file that cannot be read as a shard."""
    return CacheError(
        f"{path}: is torn or damaged ({reason}); delete this file and run `mmfeat extract`, "
        "which embeds only the cases that were in it"
    )


def refuse_damaged(path: Path, what: str, case_ids: Sequence[str]) -> None:
    """Raise CacheError if some cases of a shard have other features than they had.

    Args:
        path: The shard.
        what: What of the cases was compared.
        case_ids: The cases that are not what they were.
    """
    if case_ids:
        raise CacheError(
            f"{path}: the {what} of {first_few(case_ids, _SHOWN_CASES)} are damaged; "
            "delete this file and run `mmfeat extract`, which embeds its cases again"
        )
