"""Turn the faults of a table into one error."""

from collections.abc import Sequence

from mmfeat.errors import CohortError, Fault
from mmfeat.remote_path import AnyPath

_SHOWN_FAULTS = 20


def refuse(file: AnyPath, faults: Sequence[Fault]) -> None:
    """Raise one CohortError for all faults: by table; those of whole columns, then by row.

    Without any there is no error. The message shows the first 20; the error's ``faults`` holds all.
    """
    if not faults:
        return
    ordered = sorted(dict.fromkeys(faults), key=lambda fault: (fault.table or "", fault.row or 0))
    if len(ordered) == 1:
        raise CohortError(f"{file}: {ordered[0]}", ordered)
    lines = [f"{file}: {len(ordered)} faults", *map(str, ordered[:_SHOWN_FAULTS])]
    if len(ordered) > _SHOWN_FAULTS:
        lines.append(f"... and {len(ordered) - _SHOWN_FAULTS} more")
    raise CohortError("\n  ".join(lines), ordered)
