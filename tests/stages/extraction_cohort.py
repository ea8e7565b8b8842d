"""Tiny cohorts of scans on disk, for the tests of extraction."""

from dataclasses import dataclass
from pathlib import Path

import nibabel as nib
import numpy as np

SETTINGS = """\
cohort:
  manifest: manifest.csv
  targets:
    cancer: {{kind: binary, column: cancer}}
modalities:
  ct: {{kind: volume, column: ct, encoder: {encoder}}}
  clinical:
    kind: table
    columns:
      age: {{type: numeric}}
extract: {{workers: 2, shard_cases: {shard_cases}}}
"""
TOKENS = "slices-lite0, options: {max_slices: 3}, features: tokens, max_tokens: 2"
"""An encoder of three windows a scan, and settings that make two tokens of them."""


def write_scan(path: Path, seed: int, size: int = 16) -> None:
    """Write a NIfTI file with air around something soft, different for each seed."""
    generator = np.random.default_rng(seed)
    hu = np.full((size, size, size), -1000, np.int16)
    hu[2:-2, 2:-2, 2:-2] = generator.integers(-100, 200, (size - 4,) * 3)
    path.parent.mkdir(parents=True, exist_ok=True)
    nib.save(nib.Nifti1Image(hu, np.diag([1.5, 1.5, 2.0, 1.0])), path)


class MeanEncoder:
    """The mean of each slice, one window a slice."""

    name = "mean"
    embedding_size = token_size = 1
    recipe = {"code_version": 1}  # noqa: RUF012 - as the contract has it
    weights_sha256 = None
    usual_batch = 16
    windows_alone = False

    def load(self):
        pass

    def prepare(self, volume):
        return volume.hu

    def encode(self, batch, usage=None):
        return batch.mean(axis=(1, 2))[:, None]

    def pool(self, features):
        return features.mean(axis=0)


@dataclass
class MadeCohort:
    """A cohort in a folder, whose manifest can be written again."""

    folder: Path
    scans: dict[str, str]
    """Path of each case's scan, relative to the folder; empty: none."""
    shard_cases: int = 2
    encoder: str = "intensity-stats"
    """Its name, and settings of the modality after it."""

    @property
    def config(self) -> Path:
        return self.folder / "mmfeat.yaml"

    def write(self) -> "MadeCohort":
        """Write the settings and the manifest as they are now."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.config.write_text(SETTINGS.format(shard_cases=self.shard_cases, encoder=self.encoder))
        rows = [
            f"{case_id},patient of {scan or case_id},{number % 2},{40 + number % 50},{scan}"
            for number, (case_id, scan) in enumerate(self.scans.items())
        ]
        text = "\n".join(["case_id,patient_id,cancer,age,ct", *rows])
        (self.folder / "manifest.csv").write_text(text + "\n")
        return self


def make_cohort(
    folder: Path,
    n_scans: int,
    *,
    shard_cases: int = 2,
    size: int = 16,
    encoder: str = "intensity-stats",
) -> MadeCohort:
    """Write a cohort whose cases ``case-000`` ... all have a good scan."""
    scans = {f"case-{n:03d}": f"scans/{n:03d}.nii.gz" for n in range(n_scans)}
    for number, scan in enumerate(scans.values()):
        write_scan(folder / scan, number, size)
    return MadeCohort(folder, scans, shard_cases, encoder).write()
