"""Prepare a scan for each encoder, beside MONAI's dictionary chain for the same tensor.

    python benchmarks/prepare.py [--slices 300] [--repeats 3] [--threads 1] [--tilt-deg 0.1]
    python benchmarks/prepare.py --device cuda      only a GPU beside one thread of NumPy

Targets: at least 5 times as fast as MONAI from memory, the same numbers to a thousandth of the
window, and under 3 GB for the whole process with a scan of 1,200 slices. Both sides get the same
number of threads; ours uses one.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import nibabel
import numpy as np
from bench_row import BenchRow

from mmfeat import encoders
from mmfeat.encoders.contract import Encoder
from mmfeat.encoders.slices.slices_lite0 import SlicesLite0
from mmfeat.volumes import Volume, read_volume

SPACING_MM = (1.0, 0.7, 0.7)
LPS_SCAN = np.array([[0.0, 0.0, -1.0], [0.0, -1.0, 0.0], [1.0, 0.0, 0.0]])
WIDEST = {"merlin": 1.0, "ct-fm": 1.0, "slices-lite0": 255 / 128}
"""What a window of Hounsfield units is wide in the prepared tensor."""


def make_encoder(name: str, scratch: Path, **place: str) -> Encoder:
    weights = scratch / "weights"
    weights.write_bytes(b"digested only: preparing takes none")
    if name == "slices-lite0":
        return SlicesLite0(**place)
    return encoders.create(name, weights=weights, **place)


def make_scan(n_slices: int, tilt_deg: float = 0.0) -> Volume:
    """A body with lungs and noise, of 512 x 512 voxels a slice, its gantry tilted if asked to."""
    generator = np.random.default_rng(0)
    row, column = np.ogrid[-1:1:512j, -1:1:512j]
    plane = np.where((row / 0.6) ** 2 + (column / 0.85) ** 2 < 1, 40, -1000)
    plane[(row / 0.35) ** 2 + ((np.abs(column) - 0.4) / 0.25) ** 2 < 1] = -860
    hu = np.empty((n_slices, 512, 512), np.int16)
    for axial in hu:
        axial[...] = plane + generator.integers(-60, 60, plane.shape, dtype=np.int16)
    affine = np.eye(4)
    affine[:3, :3] = LPS_SCAN * SPACING_MM
    affine[1, 0] = np.tan(np.deg2rad(tilt_deg)) * SPACING_MM[0]
    return Volume(hu, affine)


def write_nifti(volume: Volume, file: Path) -> None:
    affine = volume.affine[:, [2, 1, 0, 3]]  # a file's first axis is the fastest
    nibabel.save(nibabel.Nifti1Image(volume.hu.transpose(2, 1, 0), affine), file)


def monai_chain(name: str) -> Callable[[dict], np.ndarray]:
    """MONAI's chain after loading; the authors' own, where an encoder has authors."""
    from monai import transforms as T  # noqa: N812 - as MONAI's own examples have it
    from monai.inferers import SlidingWindowSplitter

    key = ["image"]
    orient = {"keys": key, "labels": (("L", "R"), ("P", "A"), ("I", "S"))}
    if name == "merlin":
        size = (224, 224, 160)
        chain = [
            T.Orientationd(axcodes="RAS", **orient),
            T.Spacingd(key, (1.5, 1.5, 3.0), mode="bilinear"),
            T.ScaleIntensityRanged(key, -1000, 1000, 0, 1, clip=True),
            T.SpatialPadd(key, size),
            T.CenterSpatialCropd(key, size),
        ]
        return lambda case: T.Compose(chain)(case)["image"].numpy()[None]
    if name == "ct-fm":
        chain = [
            T.Orientationd(axcodes="SPL", **orient),
            T.Spacingd(key, (3.0, 1.0, 1.0), mode="bilinear"),
            T.CropForegroundd(key, source_key="image", allow_smaller=False),
            T.ScaleIntensityRanged(key, -1024, 2048, 0, 1, clip=True),
        ]
        split = SlidingWindowSplitter((24, 128, 128), 0.0)
        return lambda case: np.concatenate(
            [window.numpy() for window, _ in split(T.Compose(chain)(case)["image"][None])]
        )
    windows = {"lung": (-1350, 150), "mediastinum": (-160, 240), "bone": (-500, 1300)}
    chain = [
        T.Orientationd(axcodes="SPL", **orient),
        T.Lambdad(key, averaged_on_our_grid),
        T.SpatialPadd(key, (-1, 224, 224), value=-1024),
        T.CopyItemsd(key, len(windows), list(windows)),
        *(
            T.ScaleIntensityRanged([channel], low, high, -127 / 128, 1, clip=True)
            for channel, (low, high) in windows.items()
        ),
        T.ConcatItemsd(list(windows), "image"),
    ]
    return lambda case: T.Compose(chain)(case)["image"].numpy().swapaxes(0, 1)


def averaged_on_our_grid(image: "MetaTensor") -> "MetaTensor":  # noqa: F821
    """Average blocks, then resample. MONAI has no such step, so where the voxels lie is ours."""
    import torch
    from monai.data import MetaTensor
    from monai.transforms import SpatialResample

    shape = np.array(image.shape[1:])
    spacing_mm = np.linalg.norm(image.affine[:3, :3], axis=0)
    pixel_mm = (shape * spacing_mm)[1:].max() / 224
    wanted_mm = np.array([max(5.0, shape[0] * spacing_mm[0] / 64), pixel_mm, pixel_mm])
    factors = (wanted_mm / spacing_mm + 1e-3).astype(int).clip(1)
    pooled = torch.nn.functional.avg_pool3d(image.as_tensor(), factors.tolist())
    blocks, onto = np.diag([*factors, 1.0]), np.diag([*wanted_mm / (spacing_mm * factors), 1.0])
    blocks[:3, 3] = (factors - 1) / 2
    wanted_shape = (shape * spacing_mm / wanted_mm + 1e-3).astype(int)
    middle, new_middle = (np.array(pooled.shape[1:]) - 1) / 2, (wanted_shape - 1) / 2
    onto[:3, 3] = middle - np.diag(onto)[:3] * new_middle
    affine = image.affine.numpy() @ blocks
    return SpatialResample(mode="bilinear", padding_mode="border")(
        MetaTensor(pooled, affine=torch.from_numpy(affine)),
        dst_affine=torch.from_numpy(affine @ onto),
        spatial_size=wanted_shape.tolist(),
    )


def rows(n_slices: int = 150, repeats: int = 3) -> list[BenchRow]:
    """Preparing from memory beside MONAI's chain for the same tensor, a thread for either side."""
    import torch

    torch.set_num_threads(1)
    found = []
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "scan.nii.gz"
        write_nifti(make_scan(n_slices), file)
        for name in WIDEST:
            _, difference, (_, chain_s, _, prepare_s) = measured(name, file, repeats)
            found.append(
                BenchRow(
                    f"for `{name}`, 512 x 512 x {n_slices}, at most {difference:.0e} apart",
                    f"{prepare_s:.2f} s",
                    f"MONAI's dictionary chain: {chain_s:.2f} s",
                    chain_s / prepare_s,
                    limit=5,
                )
            )
    return found


def gpu_rows(n_slices: int = 300, repeats: int = 5) -> list[BenchRow]:
    """Preparing on the GPU, copies counted, beside one thread of NumPy."""
    volume = make_scan(n_slices)
    found = []
    for name in WIDEST:
        cpu_s, gpu_s, difference = seconds_with_gpu(name, volume, "cuda", repeats)
        what = f"prepare for `{name}`, 512 x 512 x {n_slices}, at most {difference:.0e} apart"
        beside = f"NumPy on one thread: {cpu_s:.2f} s"
        found.append(BenchRow(what, f"{gpu_s:.3f} s", beside, cpu_s / gpu_s))
    return found


def measured(
    name: str, file: Path, repeats: int
) -> tuple[tuple[int, ...], float, tuple[float, float, float, float]]:
    """Return the result's shape, its difference in windows, and the seconds of four steps."""
    from monai.transforms import Compose, EnsureChannelFirstd, LoadImaged

    encoder, chain = make_encoder(name, file.parent), monai_chain(name)
    load = Compose([LoadImaged("image", reader="NibabelReader"), EnsureChannelFirstd("image")])
    times_s = []
    for _ in range(repeats):
        marks = [time.perf_counter()]
        case = load({"image": file})
        marks.append(time.perf_counter())
        theirs = chain(case)
        marks.append(time.perf_counter())
        del case
        volume = read_volume(file)
        marks.append(time.perf_counter())
        ours = encoder.prepare(volume)
        marks.append(time.perf_counter())
        times_s.append(np.diff(marks))
    difference = float(np.abs(ours - theirs).max()) / WIDEST[name]
    load_s, chain_s, read_s, prepare_s = np.median(times_s, axis=0).tolist()
    return ours.shape, difference, (load_s, chain_s, read_s, prepare_s)


def compare(name: str, file: Path, repeats: int) -> None:
    shape, difference, (load_s, chain_s, read_s, prepare_s) = measured(name, file, repeats)
    print(f"{name}: {shape}, largest difference {difference:.1e} of the window")
    for label, monai_s, ours_s in (
        ("in memory", chain_s, prepare_s),
        ("from .nii.gz", load_s + chain_s, read_s + prepare_s),
    ):
        print(
            f"  {label:<13} MONAI {monai_s:6.2f} s   ours {ours_s:6.3f} s"
            f"   {monai_s / ours_s:6.1f} times as fast"
        )


def seconds_with_gpu(
    name: str, volume: Volume, device: str, repeats: int
) -> tuple[float, float, float]:
    """Return seconds of NumPy and of the GPU, and their difference as a share of the window.

    Upload, computing and download are all in the GPU's time, as an extraction pays for them.
    """
    with tempfile.TemporaryDirectory() as scratch:
        on_cpu = make_encoder(name, Path(scratch), prepare_on="cpu")
        on_gpu = make_encoder(name, Path(scratch), device=device, prepare_on="gpu")
        on_gpu.prepare(volume)  # the first one also starts CUDA
        times_s = []
        for _ in range(repeats):
            marks = [time.perf_counter()]
            by_numpy = on_cpu.prepare(volume)
            marks.append(time.perf_counter())
            by_gpu = on_gpu.prepare(volume)
            marks.append(time.perf_counter())
            times_s.append(np.diff(marks))
    cpu_s, gpu_s = np.median(times_s, axis=0).tolist()
    return cpu_s, gpu_s, float(np.abs(by_gpu - by_numpy).max()) / WIDEST[name]


def compare_with_gpu(name: str, volume: Volume, device: str, repeats: int) -> None:
    cpu_s, gpu_s, difference = seconds_with_gpu(name, volume, device, repeats)
    print(
        f"  {name:<13} NumPy {cpu_s:6.3f} s   {device} {gpu_s:6.3f} s   {cpu_s / gpu_s:6.1f} times "
        f"as fast, largest difference {difference:.1e} of the window"
    )


def measure_memory(name: str, n_slices: int) -> None:
    """Prepare in this very process, torch and MONAI loaded as for an extraction; print the peak."""
    import monai.networks.nets  # noqa: F401 - what the networks need stays in memory as well

    with tempfile.TemporaryDirectory() as scratch:
        windows = make_encoder(name, Path(scratch)).prepare(make_scan(n_slices))
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"  {name:<13} {peak_gb:.2f} GB, of which {windows.nbytes / 1e9:.2f} GB are the result")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--slices", type=int, default=300)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--tilt-deg", type=float, default=0.0)
    parser.add_argument("--memory", choices=WIDEST, help="only the peak of one recipe")
    parser.add_argument("--device", help="only NumPy beside this GPU, such as cuda")
    options = parser.parse_args(arguments)
    if options.device:
        print(f"512 x 512 x {options.slices} int16, in memory")
        volume = make_scan(options.slices, options.tilt_deg)
        for name in WIDEST:
            compare_with_gpu(name, volume, options.device, options.repeats)
        return
    if options.memory:
        measure_memory(options.memory, options.slices)
        return
    import torch

    torch.set_num_threads(options.threads)
    print("peak memory of a process that prepares 512 x 512 x 1200 int16, the scan included")
    for name in WIDEST:  # before this process grows: a child's peak begins at its parent's size
        command = [sys.executable, __file__, "--memory", name, "--slices", "1200"]
        subprocess.run(command, check=True)
    print(f"512 x 512 x {options.slices} int16, {options.threads} thread(s) for either side")
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "scan.nii.gz"
        write_nifti(make_scan(options.slices, options.tilt_deg), file)
        for name in WIDEST:
            compare(name, file, options.repeats)


if __name__ == "__main__":
    main()
