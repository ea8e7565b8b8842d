"""Choose the one stack that is read, where a source holds several."""

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from mmfeat.errors import VolumeError
from mmfeat.volumes.dicom_slice import CtSlice
from mmfeat.volumes.dicom_stack import Stack
from mmfeat.volumes.hounsfield import HU_TYPES
from mmfeat.volumes.rules import ReadingRules
from mmfeat.volumes.volume import ReadingNote
from mmfeat.wording import counted

_FEW_SLICES = 5
"""Fewer are scout views or a biopsy needle's surroundings, if anything longer is there."""

Score = Callable[[Stack], tuple[float, ...]]
"""How good a stack is; the smallest wins."""


def choose_stack(
    path: Path, stacks: Sequence[Stack], rules: ReadingRules
) -> tuple[Stack, list[ReadingNote]]:
    """Return the best stack, and a note of what it was chosen from.

    First those win that can be a volume, are in HU, have more than a few slices, and are as the
    scanner made them; then what the rules prefer decides, in its order.

    Raises:
        VolumeError: Several are equally good, or the rules prefer nothing.
    """
    best = list(stacks)
    reason = ""
    for words, score in _scores(rules).items():
        if len(best) == 1:
            break
        scored = [score(stack) for stack in best]
        narrowed = [stack for stack, its in zip(best, scored, strict=True) if its == min(scored)]
        reason = words if len(narrowed) < len(best) else reason
        best = narrowed
    if len(best) > 1:
        raise _tied(path, stacks, best)
    return best[0], _notes(stacks, best[0], reason)


def _scores(rules: ReadingRules) -> dict[str, Score]:
    if not rules.prefer:
        return {}
    preferred: dict[str, tuple[str, Score]] = {
        "thinnest": ("the thinnest", _thickness_mm),
        "kernel": ("the preferred kernel", lambda stack: (_kernel_rank(stack, rules.kernels),)),
        "most_slices": ("the most slices", lambda stack: (-len(stack.slices),)),
    }
    return {
        "the only volume": lambda stack: (stack.flaw is not None,),
        "the only one in HU": lambda stack: (not _is_in_hu(stack.slices[0]),),
        "more than a few slices": lambda stack: (len(stack.slices) < _FEW_SLICES,),
        "as the scanner made it": lambda stack: (is_derived(stack),),
    } | dict(preferred[name] for name in rules.prefer)


def is_derived(stack: Stack) -> bool:
    """Say whether any slice was computed from other images, as its ImageType has it."""
    return any("DERIVED" in one.header.information("ImageType").upper() for one in stack.slices)


def _is_in_hu(one: CtSlice) -> bool:
    return (one.header.information("RescaleType") or "HU").upper() in HU_TYPES


def _thickness_mm(stack: Stack) -> tuple[float, ...]:
    return round(stack.spacing_mm, 2), _number(stack.slices[0].header.information("SliceThickness"))


def _kernel_rank(stack: Stack, patterns: Sequence[str]) -> int:
    kernel = stack.slices[0].header.information("ConvolutionKernel").casefold()
    fitting = (
        rank for rank, pattern in enumerate(patterns) if fnmatchcase(kernel, pattern.casefold())
    )
    return next(fitting, len(patterns))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("inf")


def _tied(path: Path, stacks: Sequence[Stack], best: Sequence[Stack]) -> VolumeError:
    count = f"{len(best)}" if len(best) == len(stacks) else f"{len(best)} of {len(stacks)}"

    def message(name: Callable[[Stack], str]) -> str:
        listed = "; ".join(f"{name(stack)}, as {stack.slices[0].name}" for stack in best)
        return (
            f"{path}: {count} CT series to choose from, and nothing that decides ({listed}); set "
            "`reading.series_uid`, `reading.series_description` or `reading.prefer`, "
            "or give the folder of one"
        )

    return VolumeError(message(_described), on_screen=message(_described_freely))


def _notes(stacks: Sequence[Stack], chosen: Stack, reason: str) -> list[ReadingNote]:
    notes = []
    if len(stacks) > 1:
        others = "; ".join(_described(stack) for stack in stacks if stack is not chosen)
        detail = f"of {len(stacks)} series {reason}: {_described(chosen)}; others: {others}"
        notes.append(ReadingNote("series-chosen", detail))
    if is_derived(chosen):
        notes.append(ReadingNote("derived", "computed from other images, as its ImageType says"))
    return notes


def _described_freely(stack: Stack) -> str:
    """Say what a stack is with the description that somebody typed; for the screen alone."""
    return f"{_described(stack)}, `{stack.slices[0].header.information('SeriesDescription')}`"


def _described(stack: Stack) -> str:
    """Say what a stack is, without the free text that may name the patient."""
    first = stack.slices[0]
    kernel = first.header.information("ConvolutionKernel")
    parts = (
        counted(len(stack.slices), "slice"),
        f"{stack.spacing_mm:.4g} mm" if len(stack.slices) > 1 else "",
        f"{first.size[0]} x {first.size[1]}",
        f"kernel {kernel}" if kernel else "",
        f"...{first.header.information('SeriesInstanceUID')[-12:]}",
    )
    return ", ".join(part for part in parts if part)
