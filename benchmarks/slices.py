"""What a slice costs with 2-D networks of transformers: CPU seconds and memory, full-size.

    python benchmarks/slices.py [--network dinov2-small ...] [--threads 1] [--slices 4]

Weights are random: they cost as much as real ones. A process of its own is measured for each
network; memory is its peak, with torch and transformers in it. A first batch is not counted.
"""

import argparse
import resource
import subprocess
import sys
import time

import numpy as np
from bench_row import BenchRow

SMALL = {"hidden_size": 384, "num_attention_heads": 6}
LARGE = {"hidden_size": 1024, "num_attention_heads": 16, "num_hidden_layers": 24}
SO400M = {
    "hidden_size": 1152,
    "intermediate_size": 4304,
    "num_attention_heads": 16,
    "num_hidden_layers": 27,
    "image_size": 448,
    "patch_size": 14,
}
NETWORKS = {
    "dinov2-small": ("Dinov2Model", SMALL | {"image_size": 518, "patch_size": 14}, 224),
    "dinov2-base": ("Dinov2Model", {"image_size": 518, "patch_size": 14}, 224),
    "dinov2-large": ("Dinov2Model", LARGE | {"image_size": 518, "patch_size": 14}, 224),
    "dinov3-small": ("DINOv3ViTModel", SMALL | {"intermediate_size": 1536}, 224),
    "rad-dino": ("Dinov2Model", {"image_size": 518, "patch_size": 14}, 518),
    "medsiglip": ("SiglipVisionModel", SO400M, 448),
    "convnext-tiny": ("ConvNextModel", {}, 224),
}


def rows() -> list[BenchRow]:
    """Core-seconds of a slice for the smallest of the networks."""
    slice_s, peak_gb = cost_of("dinov2-small", 1, 8)
    what = "a slice of 224 x 224 through `dinov2-small`"
    return [BenchRow(what, f"{slice_s:.2f} core-s, {peak_gb:.1f} GB")]


def measure(name: str, threads: int, n_slices: int) -> None:
    slice_s, peak_gb = cost_of(name, threads, n_slices)
    print(
        f"{name:<14} {NETWORKS[name][2]:3} pixels {slice_s:6.2f} s a slice, "
        f"64 slices {64 * slice_s:6.0f} s, {peak_gb:5.2f} GB"
    )


def cost_of(name: str, threads: int, n_slices: int) -> tuple[float, float]:
    """Return the CPU seconds of a slice, and the peak of the process in GB."""
    import torch
    import transformers

    from mmfeat.encoders.networks.network import FrozenNetwork
    from mmfeat.encoders.slices.slice_network import SliceNetwork
    from mmfeat.encoders.slices.transformers_modules import TransformersTokens

    torch.set_num_threads(threads)
    model, settings, pixels = NETWORKS[name]
    of = getattr(transformers, model)
    tokens = TransformersTokens(of(of.config_class(**settings)), 0)
    network = FrozenNetwork(SliceNetwork(tokens, n_channels=3, takes="pooler"), "cpu")
    slices = np.random.default_rng(0).random((n_slices, 3, pixels, pixels), np.float32)
    network(slices[:1])
    start = time.process_time()
    network(slices)
    slice_s = (time.process_time() - start) / n_slices
    return slice_s, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", nargs="*", choices=NETWORKS, default=NETWORKS)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--slices", type=int, default=4)
    parser.add_argument("--here", action="store_true", help="measure in this very process")
    options = parser.parse_args()
    if options.here:
        measure(options.network[0], options.threads, options.slices)
        return
    for name in options.network:
        command = [sys.executable, __file__, "--network", name, "--here"]
        command += ["--threads", str(options.threads), "--slices", str(options.slices)]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
