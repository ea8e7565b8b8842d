"""Make a file on this machine the weights of an encoder, where there is no network."""

import dataclasses
import hashlib
from pathlib import Path

from mmfeat import encoders
from mmfeat.errors import EncoderError
from mmfeat.progress import Progress
from mmfeat.stages.weights.proof import Origin, proven_weights
from mmfeat.weights_store.folder import WeightsStore, writing_to
from mmfeat.weights_store.locking import held_alone
from mmfeat.weights_store.record import WeightsRecord

_BLOCK_BYTES = 1 << 22


def add_weights(
    encoder: str,
    file: Path,
    *,
    leave_there: bool = False,
    overwrite: bool = False,
    progress: Progress,
) -> WeightsRecord:
    """Prove that a file holds an encoder's weights, copy it to the others, and remember it.

    Args:
        encoder: Its name.
        file: The file.
        leave_there: Remember where it is, and copy nothing.
        overwrite: Replace the weights that the encoder has.
        progress: Is told of bytes.

    Raises:
        EncoderError: It is another file than the published one, does not fit, or the encoder has
            weights already.
    """
    source = encoders.encoder_class(encoder).weights_source
    if source is None or not (source.file_needed or source.file_taken):
        raise EncoderError(f"encoder {encoder}: takes no weights file")
    if not source.published:
        raise EncoderError(
            f"encoder {encoder}: which weights it takes depends on its settings; name them there, "
            f"by `weights`: {source.where}"
        )
    store = WeightsStore()
    before = store.record(encoder)
    if before is not None and before.file.is_file() and not overwrite:
        raise EncoderError(
            f"encoder {encoder}: has its weights in {before.file}; --overwrite to replace them"
        )
    file = file.absolute()
    if not file.is_file():
        raise EncoderError(f"{file}: no such file; give the file with the weights of {encoder}")
    progress.start("checking", 1)
    record = proven_weights(encoder, file, source.published, Origin(str(file)))
    progress.advance()
    if not leave_there:
        record = dataclasses.replace(record, file=_copied(store, record, progress))
    store.remember(record)
    return record


def _copied(store: WeightsStore, record: WeightsRecord, progress: Progress) -> Path:
    """Copy a proven file into the store; the copy is seen to have the same digest."""
    place = store.place_for(record.encoder, record.file.name, record.sha256)
    partial = store.partial_for(record.encoder, record.file.name)
    digest = hashlib.sha256()
    lock = partial.with_name(f"{partial.name}.lock")
    with held_alone(lock, lambda: False), writing_to(store.root):
        progress.start("copying", record.n_bytes)
        with record.file.open("rb") as original, partial.open("wb") as copy:
            while block := original.read(_BLOCK_BYTES):
                copy.write(block)
                digest.update(block)
                progress.advance(len(block))
        if digest.hexdigest() != record.sha256:
            partial.unlink()
            raise EncoderError(f"{record.file}: changed while it was copied; run the command again")
        place.parent.mkdir(exist_ok=True)
        partial.replace(place)
    return place
