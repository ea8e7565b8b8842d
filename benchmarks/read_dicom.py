"""Read a DICOM series, beside pydicom, SimpleITK and the bare files; ratios of medians.

    python benchmarks/read_dicom.py [--slices 40] [--repeats 5] [--threads 2]

The naive reader is what most projects have: `dcmread`, `pixel_array`, slope and intercept as
float, `stack`. All files are in the page cache: the code is measured, not the disk.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import SimpleITK
from bench_row import BenchRow
from pydicom import Dataset, FileMetaDataset, dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    CTImageStorage,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    generate_uid,
)

from mmfeat.volumes import ReadingRules
from mmfeat.volumes.dicom import read_dicom

SIZE = 512
N_PRIVATE = 100
"""Elements beyond those that we need: scanners write 100 to 200."""
COMPRESSIONS: dict[str, tuple[UID, Callable[[np.ndarray], bytes]]] = {
    "uncompressed": (ExplicitVRLittleEndian, np.ndarray.tobytes),
    "JPEG lossless": (
        JPEGLosslessSV1,
        lambda stored: imagecodecs.jpeg8_encode(
            stored, lossless=True, predictor=1, bitspersample=12
        ),
    ),
    "JPEG-LS": (JPEGLSLossless, imagecodecs.jpegls_encode),
    "JPEG 2000": (
        JPEG2000Lossless,
        lambda stored: imagecodecs.jpeg2k_encode(stored, level=0, codecformat="j2k"),
    ),
}


def make_body(n_slices: int) -> np.ndarray:
    """A body with lungs, as noisy as a scan: ``(slices, 512, 512)``, stored as 12 bits."""
    generator = np.random.default_rng(0)
    rows, columns = np.ogrid[:SIZE, :SIZE]
    body = ((rows - 256) / 180) ** 2 + ((columns - 256) / 230) ** 2 < 1
    lungs = ((rows - 256) / 110) ** 2 + ((abs(columns - 256) - 96) / 70) ** 2 < 1
    hu = np.where(lungs, -850, np.where(body, 40, -1000))
    noise = generator.normal(scale=40, size=(n_slices, SIZE, SIZE))
    noise = (noise + np.roll(noise, 1, axis=1) + np.roll(noise, 1, axis=2)) / 2
    outside = (rows - 256) ** 2 + (columns - 256) ** 2 > 255**2
    return np.where(outside, 0, (hu + noise + 1024).clip(0, 4095)).astype(np.uint16)


def write_series(folder: Path, stored: np.ndarray, compression: str) -> None:
    folder.mkdir()
    syntax, encode = COMPRESSIONS[compression]
    series_uid = generate_uid()
    for index, one in enumerate(stored):
        dataset = Dataset()
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = syntax
        dataset.SOPClassUID = CTImageStorage
        dataset.SOPInstanceUID = generate_uid()
        dataset.SeriesInstanceUID = series_uid
        dataset.Modality = "CT"
        dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        dataset.Rows, dataset.Columns = one.shape
        dataset.SamplesPerPixel, dataset.PixelRepresentation = 1, 0
        dataset.PhotometricInterpretation = "MONOCHROME2"
        dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
        dataset.ImagePositionPatient = [-200, -200, 1.25 * index]
        dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        dataset.PixelSpacing = [0.8, 0.8]
        dataset.RescaleSlope, dataset.RescaleIntercept = 1, -1024
        dataset.add_new(0x00190010, "LO", "BENCHMARK")
        for number in range(N_PRIVATE):
            dataset.add_new(0x00191000 + number, "LO", "what a scanner has to say")
        frame = bytes(encode(one))
        dataset.PixelData = encapsulate([frame]) if syntax.is_compressed else frame
        dataset["PixelData"].VR = "OB" if syntax.is_compressed else "OW"
        dataset.save_as(folder / f"{index:04d}.dcm", enforce_file_format=True)


def read_bare(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in sorted(folder.iterdir())]


def read_naively(folder: Path) -> np.ndarray:
    datasets = [dcmread(file) for file in folder.iterdir()]
    datasets.sort(key=lambda dataset: float(dataset.ImagePositionPatient[2]))
    return np.stack(
        [
            dataset.pixel_array.astype(np.float32) * dataset.RescaleSlope + dataset.RescaleIntercept
            for dataset in datasets
        ]
    )


def read_with_simpleitk(folder: Path) -> np.ndarray:
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    return SimpleITK.GetArrayFromImage(reader.Execute())


def medians_s(
    folder: Path,
    expected_hu: np.ndarray,
    *,
    repeats: int,
    threads: int,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, float]:
    """Seconds of each reader, after it was seen to read the right values."""
    rules = ReadingRules()
    contenders: dict[str, Callable[[], object]] = {
        "bare files": lambda: read_bare(folder),
        "mmfeat": lambda: read_dicom(folder, rules).hu,
        f"mmfeat, {threads} threads": lambda: read_dicom(folder, rules, threads=threads).hu,
        "SimpleITK": lambda: read_with_simpleitk(folder),
        "pydicom, naive": lambda: read_naively(folder),
    }
    for name, function in contenders.items():
        if name != "bare files":
            assert np.array_equal(np.asarray(function()), expected_hu), name
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(repeats):  # in turn, so that a busy machine slows all of them
        for name, function in contenders.items():
            start = clock()
            function()
            times[name].append(clock() - start)
    return {name: statistics.median(taken) for name, taken in times.items()}


def compare(folder: Path, expected_hu: np.ndarray, *, repeats: int, threads: int) -> None:
    found = medians_s(folder, expected_hu, repeats=repeats, threads=threads)
    for name, taken_s in found.items():
        mb_per_s = expected_hu.size * 2 / 1e6 / taken_s
        ratio = taken_s / found["mmfeat"]
        print(f"  {name:<20} {taken_s * 1e3:8.0f} ms  {mb_per_s:7.0f} MB/s  {ratio:6.2f} x mmfeat")


def rows(n_slices: int = 30, repeats: int = 5) -> list[BenchRow]:
    """Reading beside the loop around `dcmread` that most projects have, in seconds of a core.

    GDCM, which both others decode JPEG 2000 with, takes all cores for a frame; we take one, as
    several scans are read at a time. So the time on the clock would compare numbers of cores.
    """
    stored = make_body(n_slices)
    found = []
    with tempfile.TemporaryDirectory() as scratch:
        for compression in ("uncompressed", "JPEG lossless", "JPEG 2000"):
            folder = Path(scratch) / compression.replace(" ", "-")
            write_series(folder, stored, compression)
            expected_hu = stored.astype(np.int16) - 1024
            taken = medians_s(
                folder, expected_hu, repeats=repeats, threads=1, clock=time.process_time
            )
            naive_s, ours_s = taken["pydicom, naive"], taken["mmfeat"]
            found.append(
                BenchRow(
                    f"DICOM, {compression}, {n_slices} slices of {SIZE} x {SIZE}",
                    f"{ours_s:.2f} core-s",
                    f"a loop around pydicom: {naive_s:.2f} core-s; "
                    f"SimpleITK: {taken['SimpleITK']:.2f} core-s",
                    naive_s / ours_s,
                    means="x as fast on a core",
                )
            )
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--slices", type=int, default=40)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    stored = make_body(arguments.slices)
    with tempfile.TemporaryDirectory() as scratch:
        for number, compression in enumerate(COMPRESSIONS):
            folder = Path(scratch) / f"{number}"
            write_series(folder, stored, compression)
            size_mb = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
            print(f"{compression}: {arguments.slices} slices of 512 x 512, {size_mb:.0f} MB")
            compare(
                folder,
                stored.astype(np.int16) - 1024,
                repeats=arguments.repeats,
                threads=arguments.threads,
            )


if __name__ == "__main__":
    main()
