"""Read the files of an import, whatever their format, each as ids with vectors."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mmfeat.errors import ConfigError, FeaturesError
from mmfeat.tabular.array_files import ARRAYS, read_array_file
from mmfeat.tabular.embedding_checks import Embeddings
from mmfeat.tabular.embedding_tables import TABLES, read_embedding_table
from mmfeat.tabular.exported_files import PROVENANCE
from mmfeat.tabular.loose_embeddings import ID_NAMES, VECTOR_NAMES, Naming, find_embeddings
from mmfeat.volumes.source import files_below

_CASE = "case_id"
_TENSORS = (".pt", ".pth", ".safetensors")
_FORMATS = (*ARRAYS, *TABLES, *_TENSORS)


@dataclass(frozen=True)
class ImportRules:
    """Say how files are to be understood."""

    key: str | None = None
    """Name of the array, column or entry with the vectors; else one of the usual names."""
    id_key: str | None = None
    """Name of the array, column or entry with the ids; else one of the usual names."""
    pattern: str | None = None
    """Regular expression whose group `case_id` is the case, searched in a file's path; else the
    case is the file's name without its ending."""
    trust_pickle: bool = False
    """Take plain values out of pickled objects."""

    def __post_init__(self) -> None:
        """Check the pattern."""
        if self.pattern is None:
            return
        try:
            groups = re.compile(self.pattern).groupindex
        except re.error as error:
            raise ConfigError(
                f"--pattern {self.pattern}: is no regular expression ({error})"
            ) from error
        if _CASE not in groups:
            raise ConfigError(
                f"--pattern {self.pattern}: has no group `case_id`; write for example "
                "(?P<case_id>[^/]+)_ct"
            )


def files_to_import(sources: Sequence[Path]) -> list[Path]:
    """List the files among the sources and in the folders among them; all are of one format.

    Raises:
        FeaturesError: A source is not there, a folder is empty, or a format is unknown or one of
            several.
    """
    files: list[Path] = []
    for source in sources:
        if not source.exists():
            raise FeaturesError(f"{source}: no such file or folder")
        found = [file for file in files_below(source) if not _is_sidecar(file)]
        if not found:
            raise FeaturesError(f"{source}: holds no files")
        files += found
    for file in files:
        ending = file.suffix.lower()
        if ending not in _FORMATS:
            raise FeaturesError(
                f"{file}: embeddings are imported from {', '.join(_FORMATS)} files, not from "
                f"`{file.suffix}`; save them as one of these, or leave the file out"
            )
        if ending != files[0].suffix.lower():
            raise FeaturesError(
                f"{file}: is of another format than {files[0]}; import each format by itself"
            )
    return files


def read_import_file(file: Path, rules: ImportRules) -> Embeddings:
    """Read one file.

    Raises:
        FeaturesError: It cannot be read, or no vectors are found in it.
    """
    ids = ID_NAMES if rules.id_key is None else (rules.id_key,)
    vectors = VECTOR_NAMES if rules.key is None else (rules.key,)
    ending = file.suffix.lower()
    if ending in TABLES:
        return read_embedding_table(file, ids, vectors, lists_only=rules.key is not None)
    if ending in _TENSORS:
        from mmfeat.tabular.tensor_files import read_tensor_file  # torch takes seconds to load

        content = read_tensor_file(file)
    else:
        content = read_array_file(file, trust_pickle=rules.trust_pickle)
    return find_embeddings(file, content, Naming(ids, vectors), lambda: _case_of(file, rules))


def _case_of(file: Path, rules: ImportRules) -> str:
    if rules.pattern is None:
        return file.stem
    match = re.search(rules.pattern, file.as_posix())
    if match is None or not match[_CASE]:
        raise FeaturesError(
            f"{file}: --pattern {rules.pattern} finds no case in this path; mend the pattern"
        )
    return match[_CASE]


def _is_sidecar(file: Path) -> bool:
    return file.name.endswith(f".{PROVENANCE}.json")
