"""Files damaged at random end as a sound volume, or as one line that says why not.

Every run tries 200 of them; ``MMFEAT_FUZZ_CASES=2000`` tries more.
"""

import gzip
import os
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK
from numpy.typing import NDArray

from mmfeat.errors import VolumeError
from mmfeat.volumes import ReadingRules, read_volume

from .mutation import mutated

N_CASES = int(os.environ.get("MMFEAT_FUZZ_CASES", "200"))
SLOWEST_S = 20.0
LARGEST_BYTES = 64 * 2**20
"""Of memory at a time; the volumes measure 1200 bytes, and packed ones may promise 1032 times."""

Files = dict[str, bytes]
FORMATS: dict[str, tuple[str, bool]] = {
    "nii": ("scan.nii", False),
    "nii.gz": ("scan.nii.gz", False),
    "hdr": ("scan.hdr", False),
    "nrrd": ("scan.nrrd", False),
    "nrrd packed": ("scan.nrrd", True),
    "nhdr": ("scan.nhdr", False),
    "mha": ("scan.mha", False),
    "mha packed": ("scan.mha", True),
    "mhd packed": ("scan.mhd", True),
}
"""The file to read, and whether SimpleITK packs its voxels."""
DICOM = ("dicom", "dicom multi-frame")


@pytest.fixture(scope="module")
def originals(
    tmp_path_factory: pytest.TempPathFactory,
    body_hu: NDArray[np.int16],
    series: Callable[..., Any],
) -> dict[str, Files]:
    """The files of one small volume in each format, by their names."""
    folders = {name: tmp_path_factory.mktemp("original") for name in (*FORMATS, *DICOM)}
    image = SimpleITK.GetImageFromArray(body_hu)
    image.SetSpacing((0.5, 0.75, 2.5))
    for name, (file, packed) in FORMATS.items():
        SimpleITK.WriteImage(image, str(folders[name] / file), packed)
    series().write(folders["dicom"])
    series().write_multi_frame(folders["dicom multi-frame"] / "scan.dcm")
    return {
        name: {file.name: file.read_bytes() for file in sorted(folder.iterdir())}
        for name, folder in folders.items()
    }


def _damaged(files: Files, rng: np.random.Generator) -> Files:
    """Damage one of the files; half of the time what is inside its gzip."""
    name = sorted(files)[rng.integers(len(files))]
    content = files[name]
    if name.endswith(".gz") and rng.random() < 0.5:
        content = gzip.compress(mutated(gzip.decompress(content), rng))
    else:
        content = mutated(content, rng)
    return {**files, name: content}


@pytest.mark.parametrize("kind", [*FORMATS, *DICOM])
def test_damage_ends_as_a_sound_volume_or_as_one_line(
    tmp_path: Path, originals: dict[str, Files], kind: str
) -> None:
    path = tmp_path if kind == "dicom" else tmp_path / FORMATS.get(kind, ("scan.dcm",))[0]
    for case in range(N_CASES // len(originals) + 1):
        rng = np.random.default_rng([case, len(kind)])
        for name, content in _damaged(originals[kind], rng).items():
            (tmp_path / name).write_bytes(content)
        _read_within_bounds(path, ReadingRules(check_hu=bool(case % 2)), f"{kind}, case {case}")


def _read_within_bounds(path: Path, rules: ReadingRules, case: str) -> None:
    tracemalloc.start()
    start = time.perf_counter()
    try:
        volume = read_volume(path, rules)
    except VolumeError as error:
        assert str(error).startswith(str(path)), case  # noqa: PT017 - either outcome is right
        assert len(str(error).splitlines()) == 1, case  # noqa: PT017
    else:
        assert volume.hu.ndim == 3, case
        assert volume.hu.dtype in (np.int16, np.float32), case
        assert np.isfinite(volume.hu).all(), case
        assert np.isfinite(volume.affine).all(), case
        assert abs(np.linalg.det(volume.affine)) > 0, case
    finally:
        peak_bytes = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert time.perf_counter() - start < SLOWEST_S, case
    assert peak_bytes < LARGEST_BYTES, case
