"""What each encoder whose recipe is data costs on a scan: CPU seconds and memory, full-size.

    python benchmarks/encoders.py [SCAN] [--encoder vista3d ...] [--threads 1]

Without a scan, a made-up one of 300 slices of 512 x 512 voxels, 0.7 mm wide and 1 mm apart.
Weights are random: they cost as much as real ones. A process of its own is measured for each
encoder; one window is computed, and counted for all of them. Memory is the process's peak, with
torch, MONAI, scan and windows in it.
"""

import argparse
import resource
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from bench_row import BenchRow
from prepare import make_scan

from mmfeat.encoders import ENCODERS, encoder_class
from mmfeat.encoders.preparing.preparation import Preparation
from mmfeat.encoders.recipe_encoder import EncoderKind
from mmfeat.volumes import read_volume

if TYPE_CHECKING:
    from torch import nn


def random_module(kind: EncoderKind, preparation: Preparation) -> "nn.Module":
    """Return the published network with random weights that keep the size of what goes through."""
    import torch

    from mmfeat.encoders.networks.recipe_networks import build

    module = build(kind.model.network, kind.model.network.width, preparation.size)
    module.to_empty(device="cpu")
    with torch.no_grad():
        for value in module.state_dict().values():
            if value.ndim > 1 and value.is_floating_point():
                value.normal_(std=(2 / value[0].numel()) ** 0.5)
            else:
                value.fill_(1 if value.is_floating_point() else 0)
    return module


@dataclass(frozen=True)
class Cost:
    """CPU seconds and memory of an encoder on one scan."""

    prepare_s: float
    window_s: float
    windows: tuple[int, ...]
    peak_gb: float

    @property
    def scan_s(self) -> float:
        """Of all windows, one of which was computed."""
        return self.prepare_s + self.windows[0] * self.window_s

    @property
    def size(self) -> str:
        """Of a window, in voxels."""
        return " x ".join(str(n) for n in self.windows[2:])


def rows() -> list[BenchRow]:
    """Core-seconds of a scan for two networks of very different size, with random weights."""
    found = []
    for name in ("ct-fm", "fmcib"):
        cost = cost_of(name, None, 1)
        found.append(
            BenchRow(
                f"`{name}`, a scan of 300 slices, windows of {cost.size}: {cost.windows[0]}",
                f"{cost.scan_s:.0f} core-s, {cost.peak_gb:.1f} GB",
                f"preparing it: {cost.prepare_s:.1f} core-s",
            )
        )
    return found


def cost_of(name: str, scan: Path | None, threads: int) -> Cost:
    import torch

    from mmfeat.encoders.networks.network import FrozenNetwork
    from mmfeat.preprocessing.sampler import NumpySampler

    torch.set_num_threads(threads)
    kind = encoder_class(name)
    preparation = kind.preparation_of({key: one.default for key, one in kind.options.items()})
    module = random_module(kind, preparation)
    network = FrozenNetwork(module, "cpu")
    volume = make_scan(300) if scan is None else read_volume(scan)
    middle = volume.affine @ [*np.divide(volume.hu.shape, 2), 1]
    volume = replace(volume, point_mm=tuple(middle[:3].tolist()))  # for encoders of one lesion
    start = time.process_time()
    windows = preparation.prepare(volume, NumpySampler())
    prepared = time.process_time()
    network(windows[:1])
    encoded = time.process_time()
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return Cost(prepared - start, encoded - prepared, windows.shape, peak_gb)


def measure(name: str, scan: Path | None, threads: int) -> None:
    cost = cost_of(name, scan, threads)
    print(
        f"{name:<17} prepare {cost.prepare_s:5.1f} s, {cost.windows[0]:3} x {cost.size:<15} "
        f"{cost.window_s:6.1f} s each, scan {cost.scan_s:7.1f} s, "
        f"{3600 / cost.scan_s:6.0f} scans/h, {cost.peak_gb:5.2f} GB"
    )


def main() -> None:
    names = [name for name in ENCODERS if isinstance(encoder_class(name), EncoderKind)]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scan", type=Path, nargs="?")
    parser.add_argument("--encoder", nargs="*", choices=names, default=names)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--here", action="store_true", help="measure in this very process")
    options = parser.parse_args()
    if options.here:
        measure(options.encoder[0], options.scan, options.threads)
        return
    for name in options.encoder:
        command = [sys.executable, __file__, "--encoder", name]
        command += ["--threads", str(options.threads), "--here"]
        subprocess.run(command + ([str(options.scan)] if options.scan else []), check=True)


if __name__ == "__main__":
    main()
