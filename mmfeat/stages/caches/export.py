"""Write the features of a cache folder into one file that other programs read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmfeat.cache import CacheFolder
from mmfeat.cache.all_rows import content_sha256, read_all_rows
from mmfeat.cache.browsing import open_one_cache
from mmfeat.cache.shared_disk import while_shards_move
from mmfeat.cache.token_rows import content_of_tokens
from mmfeat.errors import CacheError
from mmfeat.provenance import fingerprint, library_versions
from mmfeat.tabular.exported_files import (
    EXPORTERS,
    ExportedRows,
    ExportedTokens,
    sidecar,
    write_exported,
)


@dataclass(frozen=True)
class ExportReport:
    """Say what was written where."""

    folder: Path
    file: Path
    sidecar: Path | None
    """File with the provenance, where the format has no place for it."""
    provenance: dict[str, Any]
    tokens_left_out: bool = False
    """Whether the folder keeps tokens, for which the format has no room."""

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "folder": str(self.folder),
            "file": str(self.file),
            "sidecar": None if self.sidecar is None else str(self.sidecar),
            "provenance": self.provenance,
            "tokens_left_out": self.tokens_left_out,
        }


def export_cache(
    folder: Path, file: Path, *, file_format: str | None = None, overwrite: bool = False
) -> ExportReport:
    """Write all features of a cache folder, a row for each scan, sorted by case.

    The features are in memory meanwhile, three times. Tokens go into NPZ alone, 16 MiB at a time.

    Args:
        folder: One cache folder; or one above it that holds no other.
        file: The file to write; its ending says the format.
        file_format: The format, where the ending does not say it: added as the ending.
        overwrite: Replace a file that is there.

    Raises:
        CacheError: The folder has no features, or damaged ones; the file is there already, or
            cannot be written; there is no such format.
    """
    file = _file_of_format(file, file_format)
    beside = sidecar(file) if file.suffix.lower() == ".csv" else None
    for path in (file, beside):
        if path is not None and path.exists() and not overwrite:
            raise CacheError(f"{path}: is there already; choose another name, or --overwrite")
    opened = open_one_cache(folder)
    return while_shards_move(lambda: _export(opened, file, beside))


def _export(folder: CacheFolder, file: Path, beside: Path | None) -> ExportReport:
    all_rows = read_all_rows(folder)
    provenance = {
        "made_by": "mmfeat cache export",
        "recipe": folder.identity,
        "fingerprint": fingerprint(folder.identity),
        "weights_sha256": folder.identity.get("weights_sha256"),
        "versions": list(all_rows.versions),
        "exported_with": library_versions(),
        "n_cases": len(set(all_rows.case_ids)),
        "n_scans": len(all_rows.case_ids),
        "embedding_size": all_rows.features.shape[1],
        "content_sha256": content_sha256(all_rows.case_ids, all_rows.sources, all_rows.features),
    }
    kept = all_rows.tokens
    tokens = None
    if kept is not None and file.suffix.lower() == ".npz":
        tokens = ExportedTokens(kept.offsets, kept.width, kept.pieces)
        provenance |= {
            "n_tokens": int(kept.offsets[-1]),
            "token_size": kept.width,
            "tokens_sha256": content_of_tokens(kept),
        }
    exported = ExportedRows(
        all_rows.case_ids, all_rows.sources, all_rows.features, provenance, tokens
    )
    try:
        write_exported(file, exported)
    except OSError as error:
        raise CacheError(
            f"{file}: cannot be written ({error}); choose another place or make room there"
        ) from error
    left_out = kept is not None and tokens is None
    return ExportReport(folder.path, file, beside, provenance, left_out)


def _file_of_format(file: Path, file_format: str | None) -> Path:
    endings = ", ".join(ending[1:] for ending in EXPORTERS)
    if file_format is not None:
        ending = f".{file_format.lower().lstrip('.')}"
        if ending not in EXPORTERS:
            raise CacheError(f"--format {file_format}: there is no such; choose one of {endings}")
        return file if file.suffix.lower() == ending else file.with_name(file.name + ending)
    if file.suffix.lower() not in EXPORTERS:
        raise CacheError(
            f"{file}: its ending does not say the format; let it end in one of {endings}, or give "
            "--format"
        )
    return file
