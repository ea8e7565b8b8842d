"""Scans to embed, made-up and real, and encoders with small random weights."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from mmfeat import encoders
from mmfeat.encoders.contract import Encoder
from mmfeat.encoders.made_up_scan import made_up_scan as made_scan
from mmfeat.preprocessing.orientation import reorient
from mmfeat.volumes import Volume, read_volume

from .own_networks import write_own
from .published_weights import SMALL_OPTIONS, write_weights

REAL = (
    "totalseg_chest_pulm_crop_1p5mm_LPS.nii.gz",
    "totalseg_abdomen_3mm.nii.gz",
    "totalseg_abdomen_sm_3mm.nii.gz",
)


SCANS: dict[str, Callable[[], Volume]] = {
    "smaller than a window": made_scan,
    "larger than a window": lambda: made_scan((60, 150, 160), (2.0, 1.2, 1.2)),
    "thick slices": lambda: made_scan((18, 80, 90), (7.0, 2.1, 2.1)),
    "turned by 20 degrees": lambda: made_scan((30, 70, 80), (3.5, 1.9, 1.9), turn_deg=20),
    "stored from head to feet": lambda: reorient(made_scan(), "IRA"),
    "wanted spacing of ct-fm": lambda: made_scan((31, 100, 131), (3.0, 1.0, 1.0)),
    "wider than Merlin's field": lambda: made_scan((12, 130, 150), (5.0, 3.0, 3.1)),
}


@pytest.fixture
def scan() -> Volume:
    """A small made-up scan."""
    return made_scan()


@pytest.fixture(scope="session")
def make_scan() -> Callable[..., Volume]:
    """The function that makes up scans."""
    return made_scan


@pytest.fixture(params=[*SCANS, *REAL])
def any_scan(request: pytest.FixtureRequest) -> Volume:
    """Each of the made-up and real scans in turn."""
    if request.param in SCANS:
        return SCANS[request.param]()
    folder: Path = request.getfixturevalue("shared_data")
    return read_volume(folder / "ct_nifti" / request.param)


@pytest.fixture(scope="session")
def as_monai() -> Callable[[Volume], MetaTensor]:
    """A function that gives a scan as MONAI's transforms take it, channel first."""
    return lambda volume: MetaTensor(
        torch.from_numpy(volume.hu.astype(np.float32))[None], affine=torch.from_numpy(volume.affine)
    )


@pytest.fixture(scope="session")
def make_encoder(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Encoder]:
    """A function that makes an encoder with small random weights in the authors' layout."""
    folder = tmp_path_factory.mktemp("weights")

    @functools.cache
    def written(name: str, seed: int) -> dict[str, Any]:
        if name not in ("exported", "hub-folder"):
            return {"weights": write_weights(name, folder, seed)}
        weights, recipe_file = write_own(name, folder, seed)
        return {"weights": weights, "recipe_file": recipe_file, "trust_code": True}

    def make(
        name: str, *, weights_seed: int = 0, device: str = "cpu", loaded: bool = True, **options
    ) -> Encoder:
        encoder = encoders.create(
            name,
            device=device,
            options=SMALL_OPTIONS.get(name, {}) | options,
            **written(name, weights_seed),
        )
        if loaded:
            encoder.load()
        return encoder

    return make


@pytest.fixture(scope="session")
def embed() -> Callable[[Encoder, Volume], np.ndarray]:
    """A function that takes a scan through all three steps."""
    return lambda encoder, volume: encoder.pool(encoder.encode(encoder.prepare(volume)))
