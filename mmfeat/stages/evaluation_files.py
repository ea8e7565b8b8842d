"""What an evaluation leaves in a run, and when it no longer holds."""

from pathlib import Path

from mmfeat.provenance import abandoned_partials, file_system_time_s

_MADE_LAST_FIRST = (
    "report.html",
    "results.json",
    "calibration.json",
    "references.json",
    "references.safetensors",
)
"""What other commands read as one: numbers, and what new cases are recalibrated and compared by."""
_FIGURES = (
    "roc",
    "reliability",
    "predicted",
    "missing-modalities",
    "missing-columns",
    "missing-cells",
)
"""How the names of the PNG files begin; `-<target>.png` follows."""


def forget_evaluation(run: Path) -> None:
    """Remove what an evaluation left, before its heads change or another one takes its place.

    So a run that is killed meanwhile holds either one whole evaluation or none: numbers of some
    heads are never shown beside others, nor answers recalibrated by what was fitted to others.
    Temporary files of processes that were killed go, too.

    Raises:
        OSError: A file cannot be removed.
    """
    for name in _MADE_LAST_FIRST:
        (run / name).unlink(missing_ok=True)
    for kind in _FIGURES:
        for figure in run.glob(f"{kind}-*.png"):
            figure.unlink(missing_ok=True)
    if not any(run.glob(".*.partial*")):
        return
    for path in abandoned_partials(run, file_system_time_s(run)):
        if path.is_file():
            path.unlink(missing_ok=True)
