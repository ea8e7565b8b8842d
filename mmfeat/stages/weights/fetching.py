"""Fetch the weights of an encoder: the only part of mmfeat that uses the network."""

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

from mmfeat import encoders
from mmfeat.encoders.weights.found_weights import FoundWeights
from mmfeat.errors import EncoderError
from mmfeat.progress import Progress
from mmfeat.size_in_words import size_in_words
from mmfeat.stages.weights.fetch_plan import FetchPlan
from mmfeat.stages.weights.proof import Origin, proven_weights
from mmfeat.weights_store.downloading import Download
from mmfeat.weights_store.folder import WeightsStore, write_beside, writing_to
from mmfeat.weights_store.hub_cache import put_into_hub_cache
from mmfeat.weights_store.locking import held_alone
from mmfeat.weights_store.record import WeightsRecord
from mmfeat.weights_store.remote import RemoteFile


def adopt(encoder: str, found: FoundWeights) -> WeightsRecord:
    """Prove and remember weights that another program put into the hub's cache; nothing is fetched.

    Raises:
        EncoderError: They are damaged, or do not fit.
    """
    file = found.file
    if file is None:
        raise ValueError(f"{encoder}: packages carry its weights, and no file")
    source = encoders.encoder_class(encoder).weights_source
    record = proven_weights(encoder, file, source.published, Origin("the hub's cache"))
    if found.sha256 is not None and record.sha256 != found.sha256:
        raise EncoderError(
            f"{file}: damaged (SHA-256 {record.sha256[:12]}, and by its name it was "
            f"{found.sha256[:12]}); `mmfeat encoders fetch {encoder} --overwrite`"
        )
    WeightsStore().remember(record)
    return record


def fetch(
    plan: FetchPlan,
    remote: RemoteFile,
    *,
    overwrite: bool = False,
    progress: Progress,
    should_stop: Callable[[], bool] = lambda: False,
) -> WeightsRecord | FoundWeights:
    """Fetch, prove, put in place and remember; of several processes one fetches.

    Args:
        plan: What.
        remote: What its server said of it.
        overwrite: Fetch it although it is there.
        progress: Is told of bytes.
        should_stop: Says whether the user wants to stop.

    Returns:
        What is remembered of it; or what another process has brought while this one waited.

    Raises:
        EncoderError: It cannot be fetched, or is not what it ought to be.
        Interrupted: The user wants to stop.
    """
    partial = plan.partial(remote)
    with held_alone(plan.lock(remote), should_stop):
        found = None if overwrite else plan.here()
        if found is not None:
            return found
        _refuse_full_disk(partial, remote)
        download = Download(remote, partial, progress, should_stop)
        download.run()
        remote = download.remote  # the file may have changed since it was asked about
        progress.start("checking", 1)
        record = _proven(plan, remote, partial)
        with writing_to(partial.parent):
            file, commit = _in_place(plan, remote, partial, record)
        record = dataclasses.replace(record, file=file, revision=commit)
        if plan.to is None:
            WeightsStore().remember(record)
        else:
            write_beside(record)
        progress.advance()
        return record


def _refuse_full_disk(partial: Path, remote: RemoteFile) -> None:
    with writing_to(partial.parent):
        partial.parent.mkdir(parents=True, exist_ok=True)
    here = partial.stat().st_size if partial.is_file() else 0
    wanted = (remote.n_bytes or 0) - here
    free = shutil.disk_usage(partial.parent).free
    if wanted > free:
        raise EncoderError(
            f"{partial.parent}: has {size_in_words(free)} free, and {size_in_words(wanted)} are to "
            "come; make room, or let MMFEAT_WEIGHTS (for files of the hub: HF_HOME) name another "
            "folder"
        )


def _proven(plan: FetchPlan, remote: RemoteFile, partial: Path) -> WeightsRecord:
    """Return the record of what came; what is not the weights is removed."""
    published = dataclasses.replace(plan.published, sha256=remote.sha256, md5=remote.md5)
    origin = Origin(remote.url, remote.revision, remote.etag)
    try:
        return proven_weights(plan.encoder, partial, [published], origin)
    except EncoderError as error:
        partial.unlink(missing_ok=True)
        raise EncoderError(
            f"{remote.url}: what came are not the weights of {plan.encoder}, and was removed: "
            f"{str(error).removeprefix(f'{partial}: ')}"
        ) from error


def _in_place(
    plan: FetchPlan, remote: RemoteFile, partial: Path, record: WeightsRecord
) -> tuple[Path, str | None]:
    """Move the proven file to where it is kept; return that, and its commit on the hub."""
    if plan.to is None and plan.published.hub:
        cached = put_into_hub_cache(
            partial, plan.published, etag=str(remote.etag), commit=str(remote.revision)
        )
        return cached.file, cached.revision
    if plan.to is not None:
        file = plan.to / plan.published.file_name
    else:
        file = WeightsStore().place_for(plan.encoder, plan.published.file_name, record.sha256)
        file.parent.mkdir(exist_ok=True)
    partial.replace(file)
    return file, remote.revision
