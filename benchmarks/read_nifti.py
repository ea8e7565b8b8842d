"""Read a gzipped NIfTI scan by mmfeat and by others, side by side; medians and their ratios.

    python benchmarks/read_nifti.py [--slices 300] [--repeats 5]

Targets: reading at 0.9 of the speed of ISA-L alone or more; peak memory little above the array
that is returned. The scan is made up, 512 x 512 int16, smooth with noise, so that it packs like a
real one. All take turns, so that a busy machine is unfair to none; files are in the page cache.
"""

import argparse
import gzip
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nibabel
import numpy as np
import SimpleITK
from bench_row import BenchRow
from isal import isal_zlib
from scipy import ndimage

from mmfeat.volumes import read_volume
from mmfeat.volumes.nifti import read_nifti

SIDE = 512
OURS = "mmfeat read_nifti"
ISAL = "ISA-L alone, into an array"
NAIVE = "nibabel get_fdata, float64"
TWICE = "two at once"


def make_scan(file: Path, n_slices: int) -> np.ndarray:
    """Write a body of soft tissue with two lungs in air; return it as (z, y, x)."""
    generator = np.random.default_rng(0)
    y, x = np.ogrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    lungs = ((abs(x) - 0.35) / 0.25) ** 2 + (y / 0.4) ** 2 < 1
    body = np.where((x / 0.8) ** 2 + (y / 0.6) ** 2 < 1, np.where(lungs, -850.0, 40.0), -1000.0)
    hu = np.empty((n_slices, SIDE, SIDE), np.int16)
    for one in hu:
        noise = ndimage.gaussian_filter(generator.normal(0, 50, (SIDE, SIDE)), 0.8)
        one[:] = np.where(x**2 + y**2 > 1, -1024, np.clip(body + noise, -1024, 3071))
    nibabel.Nifti1Image(hu.T, np.diag([0.7, 0.7, 1.0, 1.0])).to_filename(file)
    return hu


def isal_alone(file: Path, n_bytes: int) -> np.ndarray:
    """Unpack straight into an array, as fast as ISA-L's Python package can."""
    out = np.empty(n_bytes, np.uint8)
    with file.open("rb") as stream:
        reader = isal_zlib._GzipReader(stream, 2**20)
        filled = 0
        while filled < n_bytes:
            filled += reader.readinto(memoryview(out)[filled:])
        assert reader.read(1) == b""  # the checksum is behind the last byte
    return out


def medians_s(contenders: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(repeats):
        for name, function in contenders.items():
            start = time.perf_counter()
            function()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(taken) for name, taken in times.items()}


def in_two_threads(function: Callable[[], object]) -> None:
    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(function) for _ in range(2)]:
            future.result()


def peak_bytes(function: Callable[[], object]) -> int:
    tracemalloc.start()
    function()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def contenders_for(file: Path, n_bytes: int) -> dict[str, Callable[[], object]]:
    """Everything that reads the file, by name."""
    return {
        ISAL: lambda: isal_alone(file, n_bytes),
        OURS: lambda: read_nifti(file),
        "mmfeat read_volume, with its checks": lambda: read_volume(file),
        "ISA-L in one call": lambda: isal_zlib.decompress(file.read_bytes(), 31),
        "zlib in one call": lambda: gzip.decompress(file.read_bytes()),
        "SimpleITK": lambda: SimpleITK.ReadImage(str(file)),
        "nibabel, int16": lambda: np.asarray(nibabel.load(file).dataobj),
        NAIVE: lambda: nibabel.load(file).get_fdata(),
        TWICE: lambda: in_two_threads(lambda: read_nifti(file)),
    }


def rows(n_slices: int = 150, repeats: int = 7) -> list[BenchRow]:
    """Reading beside ISA-L alone, and beside what most people write."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "scan.nii.gz"
        hu = make_scan(file, n_slices)
        every = contenders_for(file, len(nibabel.Nifti1Header().binaryblock) + 4 + hu.nbytes)
        taken = medians_s({name: every[name] for name in (ISAL, OURS, NAIVE)}, repeats)
    what = f"`.nii.gz` of {SIDE} x {SIDE} x {n_slices}"
    measured = f"{taken[OURS]:.2f} s"
    return [
        BenchRow(
            f"{what}",
            measured,
            f"{ISAL}: {taken[ISAL]:.2f} s",
            taken[ISAL] / taken[OURS],
            means="of its speed",
            limit=0.9,
        ),
        BenchRow(
            f"{what}",
            measured,
            f"{NAIVE}: {taken[NAIVE]:.2f} s",
            taken[NAIVE] / taken[OURS],
        ),
    ]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--slices", type=int, default=300)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "scan.nii.gz"
        hu = make_scan(file, arguments.slices)
        n_bytes = len(nibabel.Nifti1Header().binaryblock) + 4 + hu.nbytes
        assert np.array_equal(read_volume(file).hu, hu)
        assert np.array_equal(isal_alone(file, n_bytes)[-hu.nbytes :], hu.reshape(-1).view("u1"))
        taken = medians_s(contenders_for(file, n_bytes), arguments.repeats)
        packed_mb = file.stat().st_size / 1e6
        print(f"{SIDE} x {SIDE} x {arguments.slices}, {n_bytes / 1e6:.0f} MB in {packed_mb:.0f} MB")
        alone_s = taken[ISAL]
        twice_s = taken.pop(TWICE)
        for name, taken_s in taken.items():
            speed = f"{n_bytes / taken_s / 1e6:5.0f} MB/s   {alone_s / taken_s:4.2f} of ISA-L alone"
            print(f"  {name:<40} {taken_s:6.3f} s   {speed}")
        gain = 2 * taken[OURS] / twice_s
        print(f"  two read_nifti in two threads: {gain:.2f} times the speed of one after the other")
        beyond = peak_bytes(lambda: read_volume(file)) - hu.nbytes
        print(f"  peak memory beyond the array: {beyond / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
