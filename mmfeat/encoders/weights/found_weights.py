"""Find an encoder's weights on this machine where the settings name none; nothing is fetched."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from mmfeat.encoders.options import WeightsSource
from mmfeat.errors import EncoderError
from mmfeat.weights_store.folder import WeightsStore
from mmfeat.weights_store.hub_cache import file_in_hub_cache, hub_cache_folder
from mmfeat.weights_store.record import WeightsRecord

KeptIn = Literal["store", "elsewhere", "packages", "hub cache"]


@dataclass(frozen=True)
class FoundWeights:
    """Say where the weights of an encoder are."""

    kept_in: KeptIn
    """``store`` is the folder of weights; what is ``elsewhere`` is only remembered there."""
    file: Path | None
    """None when packages carry them."""
    n_bytes: int | None
    sha256: str | None
    """What its digest has to be; None where nothing says."""
    record: WeightsRecord | None
    """None of what was neither fetched nor added by mmfeat."""


def find_weights(encoder: str, source: WeightsSource) -> FoundWeights | None:
    """Return the first that is there of three; None when there is none.

    1. The file that was fetched or added by hand, as the folder of weights remembers it.
    2. Packages that carry the weights.
    3. A file in the hub's cache that another program put there: of the published ones, in their
       order, as its newest ``main`` there has it.

    Raises:
        EncoderError: The record in the folder of weights is damaged.
    """
    recorded = recorded_weights(encoder)
    if recorded is not None:
        return recorded
    if source.packages and all(find_spec(package) for package in source.packages):
        return FoundWeights("packages", None, None, None, None)
    for published in source.published:
        cached = None if published.hub is None else file_in_hub_cache(published)
        if cached is not None:
            n_bytes = cached.file.stat().st_size
            return FoundWeights("hub cache", cached.file, n_bytes, cached.sha256, None)
    return None


def existing_weights(encoder: str, source: WeightsSource | None, given: Path) -> Path:
    """Return the weights that a user named, which are there.

    Raises:
        EncoderError: They are not, or the encoder takes none.
    """
    if source is None or not (source.file_needed or source.file_taken):
        raise EncoderError(f"encoder {encoder}: takes no weights file; leave out `weights`")
    kind, other = ("folder", "file") if source.is_folder else ("file", "folder")
    if given.is_file() if source.is_folder else given.is_dir():
        raise EncoderError(
            f"encoder {encoder}: weights {given}: a {other}, and it has to be {source.where}"
        )
    if not given.exists():
        raise EncoderError(
            f"encoder {encoder}: weights {given}: no such {kind}; it is {source.where}"
        )
    return given


def recorded_weights(encoder: str) -> FoundWeights | None:
    """Return the file that was fetched or added for an encoder, if it is still there.

    Raises:
        EncoderError: The record in the folder of weights is damaged.
    """
    store = WeightsStore()
    record = store.record(encoder)
    if record is None or not record.file.is_file():
        return None
    n_bytes = record.file.stat().st_size
    return FoundWeights(_kept_in(store, record), record.file, n_bytes, record.sha256, record)


def _kept_in(store: WeightsStore, record: WeightsRecord) -> KeptIn:
    if store.keeps(record):
        return "store"
    return "hub cache" if record.file.is_relative_to(hub_cache_folder()) else "elsewhere"


def refuse_changed(encoder: str, found: FoundWeights, sha256: str | None) -> None:
    """Raise when a file is not what it was when it came.

    Raises:
        EncoderError: Its digest differs.
    """
    if found.sha256 is None or sha256 == found.sha256:
        return
    raise EncoderError(
        f"encoder {encoder}: {found.file} is not what it was when it came (SHA-256 "
        f"{str(sha256)[:12]} instead of {found.sha256[:12]}); `mmfeat encoders fetch {encoder} "
        "--overwrite` brings it again"
    )


def missing_weights(encoder: str, source: WeightsSource) -> EncoderError:
    """Return the error for weights that are not on this machine, with how to get them."""
    needs = f"encoder {encoder}: needs its weights, {source.where} ({source.licence})"
    if source.published:
        return EncoderError(
            f"{needs}; `mmfeat encoders fetch {encoder}` brings them, and without a network "
            f"`mmfeat encoders add-weights {encoder} FILE`, or a file that the settings name by "
            "`weights`"
        )
    kind = "folder" if source.is_folder else "file"
    return EncoderError(f"{needs}; name a local {kind} by `weights` in the settings")
