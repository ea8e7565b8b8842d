"""Real scans as files, random windows, and weights in files as authors publish theirs."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from mmfeat import encoders
from mmfeat.encoders.contract import Encoder
from mmfeat.encoders.options import Value

REAL = ("totalseg_chest_pulm_crop_1p5mm_LPS.nii.gz", "totalseg_abdomen_sm_3mm.nii.gz")


@pytest.fixture(scope="session", params=REAL)
def scan_file(request: pytest.FixtureRequest, shared_data: Path) -> Path:
    """Each of two real scans in turn."""
    return shared_data / "ct_nifti" / request.param


@pytest.fixture
def publish(tmp_path: Path) -> Callable[..., Path]:
    """A function that writes tensors to a file of a name, as its ending says."""

    def write(name: str, state: Mapping[str, Tensor | Mapping]) -> Path:
        file = tmp_path / name
        if file.suffix == ".safetensors":
            save_file(state, file)
        else:
            torch.save(state, file)
        return file

    return write


@pytest.fixture
def loaded() -> Callable[..., Encoder]:
    """A function that loads an encoder from a published file."""

    def load(name: str, weights: Path, **options: Value) -> Encoder:
        encoder = encoders.create(name, weights=weights, device="cpu", options=options)
        encoder.load()
        return encoder

    return load


@pytest.fixture
def unloaded(tmp_path: Path) -> Callable[..., Encoder]:
    """A function that makes an encoder that can only prepare: its weights are an empty file."""

    def make(name: str, **options: Value) -> Encoder:
        weights = tmp_path / "nothing"
        weights.write_bytes(b"")
        return encoders.create(name, weights=weights, device="cpu", options=options)

    return make


@pytest.fixture
def image() -> Callable[..., np.ndarray]:
    """A function that gives windows of random values from 0 to 1, of one channel."""
    return lambda n, *size: np.random.default_rng(0).random((n, 1, *size), np.float32)


@pytest.fixture
def given() -> Callable[..., np.ndarray]:
    """A function that gives an author's network windows."""

    def give(network: Callable[[Tensor], Tensor], windows: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return network(torch.from_numpy(windows)).float().numpy()

    return give
