"""Write embeddings in formats that others read, each with its provenance where that format has it.

Parquet: in the key-value metadata. NPZ: an array of one text. safetensors: in the metadata. CSV:
a file beside it.
"""

import csv
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.lib import format as npy
from numpy.typing import NDArray
from pyarrow import parquet
from safetensors.numpy import save

from mmfeat.errors import FeaturesError
from mmfeat.provenance import canonical_json, write_json, written_atomically
from mmfeat.tabular.embedding_checks import SOURCE

PROVENANCE = "provenance"
PARQUET_KEY = b"mmfeat"
SAFETENSORS_KEY = "mmfeat"
_LARGEST_HEADER_BYTES = 90_000_000
"""Readers of safetensors refuse a header of more than 100 MB."""


@dataclass(frozen=True)
class ExportedTokens:
    """Hold the tokens of all rows, which need not fit into memory.

    Shape:
        - ``offsets``: ``(rows + 1,)``, int64: the tokens of row ``i`` are ``offsets[i]`` to
          ``offsets[i + 1]``, without the last.
    """

    offsets: NDArray[np.int64]
    width: int
    pieces: Callable[[], Iterable[NDArray[np.float32]]]
    """Gives them in order, ``(some tokens, width)`` at a time."""


@dataclass(frozen=True)
class ExportedRows:
    """Hold one row for each scan.

    Shape:
        - ``vectors``: ``(rows, width)``, float32, finite.
    """

    case_ids: tuple[str, ...]
    sources: tuple[str, ...]
    """Digest of the scan that each row was made from."""
    vectors: NDArray[np.float32]
    provenance: Mapping[str, Any]
    """Where all of it comes from, as plain JSON values."""
    tokens: ExportedTokens | None = None
    """Only NPZ has room for them."""


def write_exported(file: Path, rows: ExportedRows) -> None:
    """Write rows in the format that the file's ending names; whole or not at all.

    Raises:
        FeaturesError: The format has no room for so many rows.
        OSError: The disk refuses.
    """
    with written_atomically(file) as partial:
        EXPORTERS[file.suffix.lower()](partial, rows)
    if file.suffix.lower() == ".csv":
        write_json(sidecar(file), dict(rows.provenance))


def sidecar(file: Path) -> Path:
    """Return the file beside a CSV that holds its provenance."""
    return file.with_name(f"{file.name}.{PROVENANCE}.json")


def _write_parquet(file: Path, rows: ExportedRows) -> None:
    columns = {"case_id": pa.array(rows.case_ids), SOURCE: pa.array(rows.sources)}
    columns |= {
        name: pa.array(np.ascontiguousarray(column))
        for name, column in zip(_feature_names(rows), rows.vectors.T, strict=True)
    }
    table = pa.table(columns)
    text = canonical_json(rows.provenance).encode()
    table = table.replace_schema_metadata({PARQUET_KEY: text})
    # Neither compression nor dictionaries make random numbers smaller; both take time.
    parquet.write_table(table, file, compression="none", use_dictionary=False)


def _write_npz(file: Path, rows: ExportedRows) -> None:
    np.savez(
        file,
        case_id=np.array(rows.case_ids),
        source_sha256=np.array(rows.sources),
        feature=rows.vectors,
        provenance=np.array(canonical_json(rows.provenance)),
    )
    if rows.tokens is not None:
        _add_tokens(file, rows.tokens)


def _add_tokens(file: Path, tokens: ExportedTokens) -> None:
    """Add arrays to an NPZ file piece by piece; NumPy itself wants an array in memory whole."""
    shape = (int(tokens.offsets[-1]), tokens.width)
    header = {"descr": "<f4", "fortran_order": False, "shape": shape}
    with zipfile.ZipFile(file, "a", zipfile.ZIP_STORED) as archive:
        with archive.open("token_offset.npy", "w") as stream:
            npy.write_array(stream, tokens.offsets.astype("<i8"))
        with archive.open("token.npy", "w", force_zip64=True) as stream:
            npy.write_array_header_1_0(stream, header)
            for piece in tokens.pieces():
                stream.write(np.ascontiguousarray(piece, "<f4").data)


def _write_safetensors(file: Path, rows: ExportedRows) -> None:
    # All under one key: the library writes several in an order that differs by chance.
    text = canonical_json(
        {"case_id": rows.case_ids, SOURCE: rows.sources, PROVENANCE: rows.provenance}
    )
    if len(text) > _LARGEST_HEADER_BYTES:
        raise FeaturesError(
            f"{file.suffix} has no room for the names of {len(rows.case_ids)} scans; choose "
            "Parquet or NPZ"
        )
    vectors = {"feature": np.ascontiguousarray(rows.vectors)}
    # The library's own writing of a file leaves it to its owner alone, whatever the umask.
    file.write_bytes(save(vectors, metadata={SAFETENSORS_KEY: text}))


def _write_csv(file: Path, rows: ExportedRows) -> None:
    # Nine digits tell all float32 apart, with room to spare for readers that round twice.
    numbers = ",".join(["%.9g"] * rows.vectors.shape[1])
    with file.open("w", newline="", encoding="utf-8") as stream:
        texts = csv.writer(stream, lineterminator=",")
        texts.writerow(["case_id", SOURCE])
        stream.write(",".join(_feature_names(rows)) + "\n")
        for case_id, source, vector in zip(rows.case_ids, rows.sources, rows.vectors, strict=True):
            texts.writerow([case_id, source])
            stream.write(numbers % tuple(vector.tolist()) + "\n")


EXPORTERS: dict[str, Callable[[Path, ExportedRows], None]] = {
    ".parquet": _write_parquet,
    ".npz": _write_npz,
    ".safetensors": _write_safetensors,
    ".csv": _write_csv,
}
"""How each format is written, by the ending of the file."""


def _feature_names(rows: ExportedRows) -> list[str]:
    width = rows.vectors.shape[1]
    digits = len(str(width - 1))
    return [f"feature_{number:0{digits}}" for number in range(width)]
