"""Take the windows of scans through the encoder, while the next scans are read."""

from collections.abc import Sequence
from contextlib import closing
from functools import partial
from itertools import takewhile

import numpy as np

from mmfeat.cache import CacheFolder, RunningMark
from mmfeat.config.modalities import ExtractSettings
from mmfeat.core_budget import allotted_cores, limit_torch_threads
from mmfeat.encoders.contract import DeviceUsage, Encoder
from mmfeat.errors import DeviceMemoryError
from mmfeat.stages.done_ahead import done_ahead
from mmfeat.stages.extraction.commits import Commits
from mmfeat.stages.extraction.plan import Job
from mmfeat.stages.extraction.reading import read_scan, scans_ahead, where_it_is
from mmfeat.stages.extraction.report import Tally
from mmfeat.stages.extraction.settling import Encoded, Settling, Watch
from mmfeat.stages.extraction.staging import Staging, staging_of
from mmfeat.stages.extraction.thread_turns import quick_turns
from mmfeat.stages.extraction.window_batches import Batch, window_batches
from mmfeat.stages.volume_encoder import VolumeEncoder
from mmfeat.stop_at_once import putting_off_stops
from mmfeat.work_shard import WorkShard

_BATCHES_IN_FLIGHT = 2
"""One is computed while the next is copied to the device."""


def embed_scans(
    jobs: Sequence[Job],
    made: VolumeEncoder,
    folder: CacheFolder,
    *,
    settings: ExtractSettings,
    watch: Watch,
    tally: Tally,
    shard: WorkShard | None = None,
) -> None:
    """Embed scans and store them as they get finished, until all are or a stop is asked for.

    Whatever ends the work, an error of the encoder included, finished cases are stored first.
    """
    if watch.should_stop():
        return
    with tally.phase("load"):
        made.encoder.load()
    cores = allotted_cores()
    limit_torch_threads(cores)
    tally.workers = cores if settings.workers == "auto" else settings.workers
    tally.batch_windows = batch_size(made.encoder, settings)
    commits = Commits(
        folder, shard_cases=settings.shard_cases, shard_seconds=settings.shard_seconds
    )
    try:
        with (
            putting_off_stops(),
            tally.phase("embed"),
            RunningMark(folder.path, shard=shard) as mark,
            commits,
            quick_turns(),
            staging_of(settings, jobs, workers=tally.workers) as staging,
        ):
            settling = Settling(
                jobs,
                made.encoder,
                commits,
                tally=tally,
                watch=watch,
                mark=mark,
                tokens=made.tokens,
            )
            _embed(settling, made, staging, tally=tally, watch=watch)
    finally:
        tally.costs.add_all(commits.costs)


def batch_size(encoder: Encoder, settings: ExtractSettings) -> int:
    """Return how many windows go through the network at once."""
    if encoder.windows_alone:
        return 1
    wanted = settings.batch_windows
    return encoder.usual_batch if wanted == "auto" else wanted


def _embed(
    settling: Settling,
    made: VolumeEncoder,
    staging: Staging | None,
    *,
    tally: Tally,
    watch: Watch,
) -> None:
    """Read ahead, cut into batches, encode, and settle: each step pulls on the one before."""
    begun, brought = settling.begun(), where_it_is
    if staging is not None:
        begun, brought = staging.ahead(begun), staging.at_hand
    scans = scans_ahead(
        begun,
        partial(read_scan, made=made, brought=brought),
        workers=tally.workers,
        should_stop=watch.should_stop,
    )
    batches = window_batches(settling.with_windows(scans), tally.batch_windows)
    encoded = done_ahead(
        takewhile(lambda _: not watch.should_stop(), batches),
        partial(_encode, encoder=made.encoder),
        workers=_BATCHES_IN_FLIGHT,
        should_stop=watch.should_stop,
    )
    with closing(scans), closing(encoded):
        for batch, features in encoded:
            settling.take(batch, features)


def _encode(batch: Batch, encoder: Encoder) -> Encoded:
    usage = DeviceUsage()
    try:
        return Encoded(encoder.encode(batch.windows, usage), usage)
    except DeviceMemoryError as error:
        return Encoded(np.empty((0, 0), np.float32), usage, str(error))
    except Exception as error:
        scans = ", ".join(dict.fromkeys(str(part.scan.job.source) for part in batch.parts))
        error.add_note(f"while embedding {scans}")
        raise
