"""Extraction on real scans, and on every kind of broken one: one clear reason each."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from monai.networks.nets.segresnet_ds import SegResEncoder
from safetensors.torch import save_file

from mmfeat.cache import CacheFolder
from mmfeat.config.loading import load_project
from mmfeat.progress import Silent
from mmfeat.stages.extraction.extract import extract

LITE0 = "encoder: slices-lite0, options: {max_slices: 6}"
ANY_SIZE = "{smallest_coverage_mm: 1}"
"""Two of the real series are 3 and 12 mm long."""
READABLE_THOUGH_ODD = {"four_d_singleton.nii.gz"}
TILTED = "d2n_gantrytilting"
SAME_WITHOUT_FOURTH_AXIS = "totalseg_abdomen_sm_3mm.nii.gz"

SETTINGS = """\
cohort:
  manifest: manifest.csv
  targets:
    cancer: {{kind: binary, column: cancer}}
modalities:
  ct: {{kind: volume, column: ct, {encoder}, quality: {quality}}}
extract: {{workers: 2}}
"""


def _good(data: Path) -> list[Path]:
    series = [path for path in (data / "ct_dicom").iterdir() if path.is_dir()]
    odd = [data / "bad_input" / "nifti" / name for name in READABLE_THOUGH_ODD]
    tilted = data / "bad_input" / TILTED
    return sorted([*(data / "ct_nifti").glob("*.nii.gz"), *series, *odd, tilted])


def _broken(data: Path) -> list[Path]:
    bad = data / "bad_input"
    nifti = [path for path in (bad / "nifti").iterdir() if path.name not in READABLE_THOUGH_ODD]
    files = [path for name in ("broken_files", "not_ct_objects") for path in (bad / name).iterdir()]
    series = [path for path in bad.glob("d2n_*") if path.name != TILTED]
    return sorted([*nifti, *files, *series, *(data / "ct_dicom").glob("*.dcm")])


def _project(folder: Path, scans: list[Path], encoder: str, quality: str = ANY_SIZE):
    folder.mkdir(exist_ok=True)
    rows = [f"{scan.name},{scan.name},{n % 2},{scan}" for n, scan in enumerate(scans)]
    (folder / "manifest.csv").write_text("\n".join(["case_id,patient_id,cancer,ct", *rows]) + "\n")
    (folder / "mmfeat.yaml").write_text(SETTINGS.format(encoder=encoder, quality=quality))
    return load_project(folder / "mmfeat.yaml")


def _extract(project):
    (report,) = extract(project, progress=Silent(), should_stop=lambda: False).modalities
    return report


def _features(report, scans: list[Path]) -> np.ndarray:
    identity = json.loads((report.cache / "recipe.json").read_text())
    folder = CacheFolder.find(report.cache.parents[1], "ct", identity)
    features, found = folder.read([(scan.name, None) for scan in scans])
    assert found.all()
    return features


def _check_features(features: np.ndarray, scans: list[Path]) -> None:
    """Different scans differ; the same scan with one more axis of length one does not."""
    names = [scan.name for scan in scans]
    same = [names.index(name) for name in ("four_d_singleton.nii.gz", SAME_WITHOUT_FOURTH_AXIS)]
    np.testing.assert_array_equal(*features[same])
    assert len(np.unique(features, axis=0)) == len(scans) - 1


def _check_failures(report, broken: list[Path]) -> None:
    with (report.cache / "failures.csv").open(newline="") as stream:
        failures = {row["case_id"]: row for row in csv.DictReader(stream)}
    assert set(report.failures) == {(scan.name, str(scan)) for scan in broken}
    assert set(failures) == {scan.name for scan in broken}
    for scan in broken:
        reason = failures[scan.name]["reason"]
        assert failures[scan.name]["path"] == str(scan)
        assert reason.startswith(f"{scan}: ")
        assert "\n" not in reason
        assert "Error" not in reason  # words for people, not the name of an exception


@pytest.mark.slow
def test_slices_lite0_embeds_real_scans_and_lists_broken_ones_with_one_reason_each(
    shared_data, tmp_path
):
    good, broken = _good(shared_data), _broken(shared_data)
    assert len(good) >= 8
    assert len(broken) >= 27
    project = _project(tmp_path, [*good, *broken], LITE0)
    report = _extract(project)
    assert report.n_extracted == len(good)
    _check_failures(report, broken)
    _check_features(_features(report, good), good)


@pytest.fixture
def random_ct_fm(tmp_path: Path) -> Path:
    """Random weights of a narrow CT-FM, with the keys of the published file."""
    torch.manual_seed(0)
    network = SegResEncoder(
        spatial_dims=3, in_channels=1, init_filters=8, blocks_down=(1, 2, 2, 4, 4)
    )
    path = tmp_path / "model.safetensors"
    state = {f"encoder.{key}": value for key, value in network.state_dict().items()}
    save_file(state, path)
    return path


@pytest.mark.slow
def test_a_small_random_ct_fm_embeds_real_scans(shared_data, tmp_path, random_ct_fm):
    good = [scan for scan in _good(shared_data) if scan.name != TILTED]  # nothing above 0 HU in it
    encoder = f"encoder: ct-fm, weights: {random_ct_fm.name}, options: {{width: 8}}"
    report = _extract(_project(tmp_path, good, encoder))
    assert report.failures == {}
    features = _features(report, good)
    assert features.shape == (len(good), 8 * 16)
    _check_features(features, good)


def test_series_of_a_few_millimetres_are_rejected_by_default_and_listed(shared_data, tmp_path):
    good = _good(shared_data)
    project = _project(tmp_path, good, "encoder: intensity-stats", quality="{}")
    report = _extract(project)
    small = {case_id for case_id, _ in report.failures}
    assert small == {"dcmqi_liver_3slice", "pydicom_tiny_ct_5slice_16x16"}, report.failures
    assert report.n_rejected == 2
    assert all(reason.startswith("rejected: too-small: ") for reason in report.failures.values())
    assert report.n_extracted == len(good) - 2
