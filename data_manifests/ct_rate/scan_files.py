"""Find the volumes of CT-RATE that are in Hounsfield units and of the chest."""

from pathlib import Path

import pandas as pd

from mmfeat.errors import CohortError

from .tables import SplitTables
from .volume_names import VolumeName, volume_name

SPLITS = ("train", "valid")
OTHER_BODY = "not of the chest, by the publishers' list"
NO_FILE = "the volume is not in the folder"


def check_there_are_volumes(root: Path) -> None:
    """Look that corrected volumes are there at all.

    Raises:
        CohortError: There are none, or only those of the first release.
    """
    if any(_folder(root, split).is_dir() for split in SPLITS):
        return
    first = [split for split in SPLITS if (root / split).is_dir()]
    if first:
        raise CohortError(
            f"{root / first[0]}: holds the volumes of CT-RATE's first release, whose files lack "
            "spacing, orientation and HU; download train_fixed/ and valid_fixed/ instead"
        )
    raise CohortError(
        f"{root}: holds neither train_fixed/ nor valid_fixed/, the folders with the volumes; "
        "download both, or some patients of each"
    )


def volumes_there(
    root: Path, split: str, *, tables: SplitTables, left_out: dict[str, list[str]]
) -> pd.DataFrame:
    """Return the volumes of a split that can be used, by scan and reconstruction.

    Args:
        root: The folder that holds the folders of the splits.
        split: ``train`` or ``valid``.
        tables: What the tables say of its volumes.
        left_out: Why volumes are left out, and which; those found here are added.

    Returns:
        The columns of the tables, with ``case_id``, ``patient_id``, ``part`` and ``path``, the
        path being relative to ``root``.
    """
    others = tables.not_of_the_chest or frozenset()
    kept: list[VolumeName] = []
    for name in map(volume_name, tables.volumes.index):
        if name.file in others:
            left_out.setdefault(OTHER_BODY, []).append(name.file)
        elif not (_folder(root, split) / name.inside).is_file():
            left_out.setdefault(NO_FILE, []).append(name.file)
        else:
            kept.append(name)
    kept.sort(key=lambda name: (name.scan_id, name.reconstruction))
    return tables.volumes.loc[[name.file for name in kept]].assign(
        case_id=[name.scan_id for name in kept],
        patient_id=[name.patient_id for name in kept],
        part=split,
        path=[f"{split}_fixed/{name.inside}" for name in kept],
    )


def _folder(root: Path, split: str) -> Path:
    return root / f"{split}_fixed"
