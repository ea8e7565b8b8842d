"""Say where the network of the default method found nothing to add to its linear models."""

from collections.abc import Iterable
from pathlib import Path

from mmfeat.fusion.head_files import read_description
from mmfeat.stages.training.plan import HeadKey


def notes_on_networks(keys: Iterable[HeadKey], run: Path) -> tuple[str, ...]:
    """Return a note for each target and method whose networks count in under half of the heads.

    A head decides on patients whom its networks have not seen how much of them is added to its
    linear models, for each set of modalities; nothing is added unless it clearly helps. So nobody
    has to guess from the number of cases whether there are enough of them.

    Args:
        keys: The heads of a run that are finished.
        run: Folder of the run.

    Raises:
        TrainError: A head cannot be read.
    """
    counts: dict[tuple[str, str], list[bool]] = {}
    for key in keys:
        shares = read_description(key.folder(run)).get("shares")
        if shares is not None:
            counted = counts.setdefault((key.target, key.label), [])
            counted.append(any(share > 0 for share in shares.values()))
    return tuple(
        _note(target, label, sum(counted), len(counted))
        for (target, label), counted in counts.items()
        if 2 * sum(counted) < len(counted)
    )


def _note(target: str, label: str, n_counted: int, n_heads: int) -> str:
    how_often = f"only in {n_counted} of {n_heads} heads" if n_counted else "in no head"
    return (
        f"`{target}`: the network of `{label}` adds something to its linear models {how_often}; "
        "the cohort is too small for it, or there is nothing more to find"
    )
