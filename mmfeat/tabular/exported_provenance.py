"""Read back what `mmfeat cache export` wrote about a file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from pyarrow import parquet
from safetensors import SafetensorError, safe_open

from mmfeat.errors import FeaturesError, one_line
from mmfeat.tabular.exported_files import PARQUET_KEY, PROVENANCE, SAFETENSORS_KEY, sidecar


def read_provenance(file: Path) -> dict[str, Any] | None:
    """Return the provenance of a file; None where it has none.

    Raises:
        FeaturesError: It cannot be read.
    """
    read = _READERS.get(file.suffix.lower())
    try:
        provenance = read(file) if read else None
    except (OSError, ValueError, LookupError, SafetensorError) as error:
        raise FeaturesError(
            f"{file}: its provenance cannot be read ({one_line(error)}); export it again"
        ) from error
    return provenance if isinstance(provenance, dict) else None


def _of_parquet(file: Path) -> object:
    text = (parquet.read_schema(file).metadata or {}).get(PARQUET_KEY)
    return None if text is None else json.loads(text)


def _of_npz(file: Path) -> object:
    with np.load(file, allow_pickle=False) as archive:
        return json.loads(str(archive[PROVENANCE])) if PROVENANCE in archive else None


def _of_safetensors(file: Path) -> object:
    with safe_open(file, framework="np") as opened:
        text = (opened.metadata() or {}).get(SAFETENSORS_KEY)
    return None if text is None else json.loads(text).get(PROVENANCE)


def _of_csv(file: Path) -> object:
    beside = sidecar(file)
    return json.loads(beside.read_text(encoding="utf-8")) if beside.exists() else None


_READERS: dict[str, Callable[[Path], object]] = {
    ".parquet": _of_parquet,
    ".npz": _of_npz,
    ".safetensors": _of_safetensors,
    ".csv": _of_csv,
}
