"""Find ids and vectors in whatever arrays a file holds, under the names that people give them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmfeat.errors import FeaturesError
from mmfeat.tabular.embedding_checks import SOURCE, Embeddings, as_finite, as_text, listed
from mmfeat.tabular.exported_files import PROVENANCE

ID_NAMES = ("case_id", "case_ids", "patient_id", "id", "ids")
VECTOR_NAMES = ("feature", "features", "embedding", "embeddings")
_KNOWN = (SOURCE, PROVENANCE)
"""What `mmfeat cache export` writes beside ids and vectors."""
_UNNAMED = "arr_0"
"""What NumPy calls an array that was saved without a name."""
_MOST_REPEATS = 8
"""A small pickle can name one vector so often that all of them do not fit into memory."""


@dataclass(frozen=True)
class Naming:
    """Say under which names ids and vectors are, the first one that is there being meant."""

    ids: Sequence[str] = ID_NAMES
    vectors: Sequence[str] = VECTOR_NAMES


def find_embeddings(
    file: Path, content: object, naming: Naming, case_of_file: Callable[[], str]
) -> Embeddings:
    """Find the vectors in what was read of a file.

    It may be a vector; a mapping with ids and vectors in two of its entries, or with a vector alone
    in one; or a mapping from each id to its vector, or to a mapping with the vector in one entry.

    Args:
        file: The file, for messages.
        content: What it holds.
        naming: The names to look for.
        case_of_file: Says what the one vector of a file is of that has no ids.

    Raises:
        FeaturesError: It is nothing of this.
    """
    content = _unwrapped(content, naming)
    if not isinstance(content, Mapping):
        return _of_one(file, case_of_file(), content)
    match _first(naming.ids, content), _first(naming.vectors, content):
        case str() as ids, str() as vectors:
            left_out = [str(key) for key in content if key not in (ids, vectors, *_KNOWN)]
            found = _of_rows(file, content, ids, vectors)
        case None, str() as vectors:
            left_out = [str(key) for key in content if key != vectors]
            found = _of_one(file, case_of_file(), content[vectors])
        case str() as ids, None:
            raise FeaturesError(
                f"{file}: has ids in `{ids}`, and vectors in none of {listed(naming.vectors)}; it "
                f"has {listed([str(key) for key in content])}: say by --key where they are"
            )
        case _:
            return _of_mapping(file, content, naming)
    return Embeddings(found.ids, found.vectors, found.sources, tuple(left_out))


def _unwrapped(content: object, naming: Naming) -> object:
    """Return what is in a wrapping with one entry; a mapping of one case is not one."""
    if not (isinstance(content, Mapping) and len(content) == 1):
        return content
    (only,) = content.values()
    if _UNNAMED in content:
        return only
    if not isinstance(only, Mapping):
        return content
    is_case = _first(naming.ids, only) is None and _first(naming.vectors, only) is not None
    return content if is_case else only


def _of_one(file: Path, case_id: str, value: object) -> Embeddings:
    return _stacked(file, {case_id: value})


def _of_rows(
    file: Path, content: Mapping[object, object], ids_name: str, vectors_name: str
) -> Embeddings:
    ids = _texts(file, ids_name, content[ids_name])
    vectors = np.asarray(content[vectors_name])
    if vectors.ndim != 2 or vectors.dtype.kind not in "fiu":
        raise FeaturesError(
            f"{file}: `{vectors_name}` must be numbers of shape (rows, width), found "
            f"{vectors.dtype} of shape {vectors.shape}"
        )
    sources = _texts(file, SOURCE, content[SOURCE]) if SOURCE in content else None
    for name, texts in ((ids_name, ids), (SOURCE, sources)):
        if texts is not None and len(texts) != len(vectors):
            raise FeaturesError(
                f"{file}: `{name}` has {len(texts)} entries, but `{vectors_name}` {len(vectors)}"
            )
    finite = as_finite(file, ids, vectors)
    return Embeddings(tuple(ids), finite, None if sources is None else tuple(sources))


def _of_mapping(file: Path, content: Mapping[object, object], naming: Naming) -> Embeddings:
    vectors: dict[str, object] = {}
    left_out: dict[str, None] = {}
    if not content:
        raise FeaturesError(f"{file}: holds no features")
    ids = _texts(file, "key", list(content))
    for case_id, value in zip(ids, content.values(), strict=True):
        if case_id in vectors:
            raise FeaturesError(f"{file}: names `{case_id}` twice")
        if isinstance(value, Mapping):
            name = _first(naming.vectors, value)
            if name is None:
                raise FeaturesError(
                    f"{file}: `{case_id}` has {listed([str(key) for key in value])}, and none of "
                    f"them is {' or '.join(naming.vectors)}; say by --key where the vector is"
                )
            left_out |= dict.fromkeys(str(key) for key in value if key != name)
            value = value[name]
        vectors[case_id] = value
    return _stacked(file, vectors, tuple(left_out))


def _stacked(file: Path, values: Mapping[str, object], left_out: Sequence[str] = ()) -> Embeddings:
    """Put vectors together that are each an array or a list, after looking at each."""
    if len(values) > _MOST_REPEATS * len({id(value) for value in values.values()}):
        raise FeaturesError(f"{file}: names one and the same vector for very many ids")
    vectors: list[NDArray[np.float32]] = []
    for case_id, value in values.items():
        vector = _vector(file, case_id, value)
        vectors.append(vector)
        if len(vector) != len(vectors[0]):
            first = next(iter(values))
            raise FeaturesError(
                f"{file}: `{case_id}` has {len(vector)} values, and `{first}` {len(vectors[0])}; "
                "all vectors of a modality must be of one width"
            )
    ids = tuple(values)
    return Embeddings(ids, as_finite(file, ids, np.stack(vectors)), left_out=tuple(left_out))


def _vector(file: Path, case_id: str, value: object) -> NDArray[np.float32]:
    try:
        array = np.asarray(value)
    except ValueError:  # lists in a list, of several lengths
        array = np.asarray(None)
    if array.dtype.kind not in "fiu" or array.ndim == 0:
        found = type(value).__name__ if array.dtype == object else str(array.dtype)
        raise FeaturesError(
            f"{file}: `{case_id}` must be a vector of numbers, found {found}; say by --key and "
            "--id-key where the vectors and their ids are"
        )
    if array.size != array.shape[-1]:
        raise FeaturesError(
            f"{file}: `{case_id}` must be one vector, found an array of shape {array.shape}; pool "
            "it to one first, or save the rows with their ids"
        )
    with np.errstate(over="ignore"):
        return array.reshape(-1).astype(np.float32, copy=False)


def _texts(file: Path, name: str, values: object) -> list[str]:
    try:
        series = pd.Series(np.asarray(values).reshape(-1))
        return as_text(file, name, series)
    except (ValueError, TypeError) as error:
        raise FeaturesError(f"{file}: `{name}` must be a list of texts or whole numbers") from error


def _first(names: Sequence[str], content: Mapping[object, object]) -> str | None:
    return next((name for name in names if name in content), None)
