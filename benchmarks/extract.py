"""Extract a cohort, beside decoding alone and the model alone, in one run.

    python benchmarks/extract.py [--scans 100] [--slices 60] [--repeats 3]
    python benchmarks/extract.py --encoder ct-fm --device cuda [--workers 8]

Target: wall time at most 1.05 times the larger of decoding on the given cores and the model on the
device. Without a GPU, `--encoder stand-in` (the default) puts a device in its place that takes its
time without taking a core: half as long as decoding, as long, and twice as long. A real encoder on
the CPU shares the cores with decoding, so there the two times add up, and that sum is the bound.
"""

import argparse
import os
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import nibabel
import numpy as np
from bench_row import BenchRow

from mmfeat import encoders
from mmfeat.cache import CacheFolder
from mmfeat.config.modalities import ExtractSettings
from mmfeat.core_budget import allotted_cores, limit_torch_threads
from mmfeat.encoders.contract import DeviceUsage, Embedding, Encoder, WindowFeatures, Windows
from mmfeat.encoders.slices.slices_lite0 import SlicesLite0
from mmfeat.progress import Silent
from mmfeat.stages.extraction.embedding import batch_size, embed_scans
from mmfeat.stages.extraction.plan import Job
from mmfeat.stages.extraction.reading import Scan, read_scan, scans_ahead
from mmfeat.stages.extraction.report import Tally
from mmfeat.stages.extraction.settling import Watch
from mmfeat.stages.extraction.window_batches import window_batches
from mmfeat.stages.volume_encoder import VolumeEncoder
from mmfeat.volumes import ReadingRules, Volume


class StandIn:
    """CT-FM's windows, and a device that takes a given time for each and no core."""

    name = "stand-in"
    embedding_size = token_size = 2
    recipe = {"code_version": 1}  # noqa: RUF012 - as the contract has it
    weights_sha256 = None
    usual_batch = 8
    windows_alone = False

    def __init__(self, scratch: Path) -> None:
        self._prepares = make_encoder("ct-fm", "cpu", scratch)
        self.window_s = 0.0
        self._turn = threading.Lock()

    def load(self) -> None:
        """Do nothing."""

    def prepare(self, volume: Volume) -> Windows:
        return self._prepares.prepare(volume)

    def encode(self, batch: Windows, usage: DeviceUsage | None = None) -> WindowFeatures:
        with self._turn:
            time.sleep(self.window_s * len(batch))
        if usage is not None:
            usage.forward_s += self.window_s * len(batch)
        flat = batch.reshape(len(batch), -1)
        return np.stack([flat[:, 0], flat[:, -1]], axis=1)

    def pool(self, features: WindowFeatures) -> Embedding:
        return np.asarray(features.mean(axis=0))


def make_encoder(name: str, device: str, scratch: Path) -> Encoder:
    if name == "slices-lite0":
        return SlicesLite0(device=device)
    weights = scratch / "ct_fm.pt"
    if not weights.exists():
        import torch
        from monai.networks.nets.segresnet_ds import SegResEncoder

        torch.manual_seed(0)
        network = SegResEncoder(
            spatial_dims=3, in_channels=1, init_filters=32, blocks_down=(1, 2, 2, 4, 4)
        )
        torch.save(
            {f"encoder.{key}": value for key, value in network.state_dict().items()}, weights
        )
    return encoders.create("ct-fm", weights=weights, device=device)


def make_scans(folder: Path, n_scans: int, n_slices: int) -> list[Path]:
    """Write one noisy body, and links to it under other names with other times."""
    generator = np.random.default_rng(0)
    row, column = np.ogrid[-1:1:512j, -1:1:512j]
    plane = np.where((row / 0.6) ** 2 + (column / 0.85) ** 2 < 1, 40, -1000)
    hu = (plane[..., None] + generator.integers(-60, 60, (512, 512, n_slices))).astype(np.int16)
    first = folder / "0.nii.gz"
    nibabel.save(nibabel.Nifti1Image(hu, np.diag([-0.7, -0.7, 2.0, 1.0])), first)
    paths = [first]
    for number in range(1, n_scans):
        paths.append(folder / f"{number}.nii.gz")
        shutil.copyfile(first, paths[-1])
    return paths


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def read_all(jobs: Sequence[Job], made: VolumeEncoder, workers: int) -> list[Scan]:
    read = partial(read_scan, made=made)
    return list(scans_ahead(jobs, read, workers=workers, should_stop=lambda: False))


def drain(jobs: Sequence[Job], made: VolumeEncoder, workers: int) -> None:
    """Decode and prepare everything, and keep nothing."""
    read = partial(read_scan, made=made)
    for scan in scans_ahead(jobs, read, workers=workers, should_stop=lambda: False):
        scan.windows = None


def run_model(made: VolumeEncoder, scan: Scan, n_scans: int, size: int) -> None:
    """Take the windows of one scan through the network as often as there are scans."""
    copies = (
        Scan(scan.job, "", windows=scan.windows, n_windows=scan.n_windows) for _ in range(n_scans)
    )
    for batch in window_batches(copies, size):
        made.encoder.encode(batch.windows)


def extract_all(jobs: Sequence[Job], made: VolumeEncoder, settings: ExtractSettings) -> Tally:
    tally = Tally()
    with tempfile.TemporaryDirectory() as cache:
        folder = CacheFolder.open(Path(cache), "ct", made.identity)
        watch = Watch(Silent(), lambda: False)
        embed_scans(jobs, made, folder, settings=settings, watch=watch, tally=tally)
    if tally.n_extracted != len(jobs):
        raise SystemExit(f"failed: {tally.failures}")
    return tally


def medians_s(
    jobs: Sequence[Job], made: VolumeEncoder, settings: ExtractSettings, repeats: int
) -> tuple[float, float, float]:
    """Return the seconds of decoding, of the model and of both together."""
    workers = settings.workers
    assert isinstance(workers, int)
    size = batch_size(made.encoder, settings)
    (scan,) = read_all(jobs[:1], made, 1)
    seconds: dict[str, list[float]] = {"decode": [], "model": [], "wall": []}
    for _ in range(repeats):
        seconds["decode"].append(timed(lambda: drain(jobs, made, workers)))
        seconds["model"].append(timed(lambda: run_model(made, scan, len(jobs), size)))
        tally = extract_all(jobs, made, settings)
        seconds["wall"].append(tally.phases_s["embed"])
    decode_s, model_s, wall_s = (statistics.median(times) for times in seconds.values())
    return decode_s, model_s, wall_s


def rows(n_scans: int = 40, n_slices: int = 60, repeats: int = 3) -> list[BenchRow]:
    """Extraction beside the larger of decoding and a device that takes no core."""
    cores = allotted_cores()
    limit_torch_threads(cores)
    settings = ExtractSettings(workers=cores, device="cpu")
    found = []
    with tempfile.TemporaryDirectory() as scratch:
        jobs = jobs_in(Path(scratch), n_scans, n_slices)
        for share, made in stand_ins(Path(scratch), jobs, cores):
            decode_s, model_s, wall_s = medians_s(jobs, made, settings, repeats)
            found.append(
                BenchRow(
                    f"{n_scans} scans of 512 x 512 x {n_slices}, a device that takes {share:g} x "
                    "as long as decoding",
                    f"{wall_s:.1f} s",
                    f"decoding alone: {decode_s:.1f} s; the device alone: {model_s:.1f} s",
                    wall_s / max(decode_s, model_s),
                    means="x the larger",
                    limit=1.05,
                    sense="at most",
                )
            )
    return found


def jobs_in(folder: Path, n_scans: int, n_slices: int) -> list[Job]:
    return [Job(path, {path.name: frozenset()}) for path in make_scans(folder, n_scans, n_slices)]


def stand_ins(
    scratch: Path, jobs: Sequence[Job], workers: int
) -> Iterator[tuple[float, VolumeEncoder]]:
    """Give devices that take half as long as decoding, as long, and twice as long."""
    encoder = StandIn(scratch)
    made = VolumeEncoder(encoder, ReadingRules())
    (scan,) = read_all(jobs[:1], made, 1)  # loads what is loaded once
    decode_s = timed(lambda: drain(jobs, made, workers))
    for share in (0.5, 1.0, 2.0):
        encoder.window_s = share * decode_s / (len(jobs) * scan.n_windows)
        yield share, made


def compare(name: str, jobs: Sequence[Job], made: VolumeEncoder, args: argparse.Namespace) -> None:
    """Print decoding, the model and both together, as medians, and the ratio."""
    settings = ExtractSettings(workers=args.workers, device=args.device)
    decode_s, model_s, wall_s = medians_s(jobs, made, settings, args.repeats)
    print(
        f"{name:28} decode {decode_s:7.2f} s  model {model_s:7.2f} s  extract {wall_s:7.2f} s"
        f"  = {wall_s / max(decode_s, model_s):.2f} x the larger, "
        f"{wall_s / (decode_s + model_s):.2f} x the sum"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scans", type=int, default=100)
    parser.add_argument("--slices", type=int, default=60)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--workers", type=int, default=allotted_cores())
    parser.add_argument(
        "--encoder", default="stand-in", choices=("stand-in", "ct-fm", "slices-lite0")
    )
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    limit_torch_threads(allotted_cores())
    with tempfile.TemporaryDirectory() as scratch:
        jobs = jobs_in(Path(scratch), args.scans, args.slices)
        print(
            f"{args.scans} scans of 512 x 512 x {args.slices}, .nii.gz, {args.workers} reading "
            f"threads, {os.cpu_count()} cores, medians of {args.repeats}"
        )
        if args.encoder != "stand-in":
            made = VolumeEncoder(
                make_encoder(args.encoder, args.device, Path(scratch)), ReadingRules()
            )
            made.encoder.load()
            compare(f"{args.encoder} on {args.device}", jobs, made, args)
            return
        for share, made in stand_ins(Path(scratch), jobs, args.workers):
            compare(f"device {share:g} x decoding", jobs, made, args)


if __name__ == "__main__":
    main()
