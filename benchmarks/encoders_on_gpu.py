"""What encoders cost on a GPU: float32 beside mixed precision, and beside torch.compile.

    python benchmarks/encoders_on_gpu.py [--encoder ct-fm ...] [--compile] [--device cuda]

A batch of the usual size, of windows of a made-up scan of 300 slices, copied to the device and back
as an extraction does it; medians of five. Weights are random except those of slices-lite0, so
how far bfloat16 moves a feature (one minus the cosine) is only orientation for the others.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from bench_row import BenchRow
from encoders import random_module
from numpy.typing import NDArray
from prepare import make_scan
from torch import nn

from mmfeat.encoders import ENCODERS, encoder_class
from mmfeat.encoders.networks.network import FrozenNetwork
from mmfeat.encoders.recipe_encoder import EncoderKind
from mmfeat.encoders.slices.slices_lite0 import SlicesLite0
from mmfeat.preprocessing.sampler import NumpySampler
from mmfeat.volumes import Volume

LITE0 = "slices-lite0"
REPEATS = 5


def network_and_batch(name: str, volume: Volume) -> tuple[nn.Module, NDArray[np.float32]]:
    """Return a network and as many windows as go through it at once."""
    if name == LITE0:
        from mmfeat.encoders.networks.modules import lite0_features
        from mmfeat.encoders.slices.slices_lite0 import _weights_of_package
        from mmfeat.encoders.weights.state_dicts import load_strictly, read_state_dict

        encoder, module, file = SlicesLite0(device="cpu"), lite0_features(), _weights_of_package()
        load_strictly(module.encoder, read_state_dict(file), file)
        return module, encoder.prepare(volume)[: encoder.usual_batch]
    kind = encoder_class(name)
    preparation = kind.preparation_of({key: one.default for key, one in kind.options.items()})
    windows = preparation.prepare(volume, NumpySampler())
    size = 1 if kind.model.network.windows_alone else kind.model.usual_batch
    return random_module(kind, preparation), np.resize(windows, (size, *windows.shape[1:]))


def seconds(call: Callable[[], object]) -> float:
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def gpu_rows() -> list[BenchRow]:
    """Windows a second of three encoders of very different size, with and without bfloat16."""
    volume = make_scan(300)
    found = []
    for name in (LITE0, "ct-fm", "merlin"):
        module, batch = network_and_batch(name, volume)
        rates = {}
        for precision in ("float32", "bfloat16"):
            network = FrozenNetwork(module, "cuda", precision=precision)
            network(batch)
            elapsed_s = seconds(lambda network=network, batch=batch: network(batch))
            rates[precision] = len(batch) / elapsed_s
        found.append(
            BenchRow(
                f"`{name}`, batches of {len(batch)}, bfloat16",
                f"{rates['bfloat16']:.0f} windows/s",
                f"float32: {rates['float32']:.0f} windows/s",
                rates["bfloat16"] / rates["float32"],
            )
        )
    return found


def measure(name: str, volume: Volume, device: str, *, compiled: bool) -> None:
    module, batch = network_and_batch(name, volume)
    features, line = {}, f"{name:<17} {len(batch):3} windows"
    for precision in ("float32", "bfloat16"):
        torch.cuda.reset_peak_memory_stats()
        network = FrozenNetwork(module, device, precision=precision)
        features[precision] = network(batch).astype(np.float64)
        rate = len(batch) / seconds(lambda network=network: network(batch))
        peak_gb = torch.cuda.max_memory_allocated() / 1e9
        line += f"  {precision} {rate:8.1f} windows/s {peak_gb:5.1f} GB"
        if compiled:
            torch.compiler.reset()
            start = time.perf_counter()
            quick = FrozenNetwork(torch.compile(module), device, precision=precision)
            quick(batch)
            first_s = time.perf_counter() - start
            rate = len(batch) / seconds(lambda quick=quick: quick(batch))
            line += f" (compiled {rate:8.1f}, after {first_s:.0f} s)"
    full, mixed = features["float32"], features["bfloat16"]
    lengths = np.linalg.norm(full, axis=1) * np.linalg.norm(mixed, axis=1)
    away = 1 - ((full * mixed).sum(1) / lengths).min()
    print(f"{line}  one minus cosine {away:.1e}", flush=True)


def main() -> None:
    names = [n for n in ENCODERS if isinstance(encoder_class(n), EncoderKind) or n == LITE0]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--encoder", nargs="*", choices=names, default=names)
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--device", default="cuda")
    options = parser.parse_args()
    volume = make_scan(300)
    middle = volume.affine @ [*np.divide(volume.hu.shape, 2), 1]
    volume = replace(volume, point_mm=tuple(middle[:3].tolist()))  # for encoders of one lesion
    for name in options.encoder:
        measure(name, volume, options.device, compiled=options.compile)
        torch.cuda.empty_cache()


if __name__ == "__main__":
    main()
