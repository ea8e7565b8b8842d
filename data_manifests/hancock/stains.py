"""The embeddings of tissue cores that HANCOCK's authors publish with their code."""

from pathlib import Path

import numpy as np
import pandas as pd

from mmfeat.errors import CohortError, one_line
from mmfeat.public_cohorts.downloads import find_all, find_one

_NAME = "tma_tile_dtr_256_{stain}.npz"


def read_stains(download: Path) -> tuple[dict[str, pd.DataFrame], tuple[Path, ...]]:
    """Return the vectors of each stain, a row a patient, by the name of the file to write.

    Raises:
        CohortError: The stain HE is not there, or a file is not what is expected.
    """
    find_one(download, (f"**/{_NAME.format(stain='HE')}",), what="embeddings of the stain HE")
    files = find_all(download, (f"**/{_NAME.format(stain='*')}",))
    tables = {f"stain_{_stain(file)}.parquet": _read(file) for file in files}
    if len(tables) < len(files):
        raise CohortError(f"{download}: holds the embeddings of a stain twice; keep one of them")
    return tables, tuple(files)


def _stain(file: Path) -> str:
    return file.stem.rpartition("_")[2].lower()


def _read(file: Path) -> pd.DataFrame:
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            vectors = {patient: archive[patient] for patient in archive.files}
    except Exception as error:  # zipfile, zlib and NumPy each raise their own
        raise CohortError(
            f"{file}: cannot be read: {one_line(error)}; download it again"
        ) from error
    shapes = {vector.shape for vector in vectors.values()}
    if len(shapes) != 1 or len(next(iter(shapes))) != 1:
        raise CohortError(f"{file}: its vectors have the shapes {sorted(shapes)}, not one length")
    values = np.stack(list(vectors.values())).astype(np.float32)  # (patients, width)
    table = pd.DataFrame(values, columns=[f"v{number:03d}" for number in range(values.shape[1])])
    table.insert(0, "patient_id", list(vectors))
    return table
