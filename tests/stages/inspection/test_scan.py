"""One scan: a verdict and a PNG file, whose name is never taken twice."""

import json

import numpy as np
import pytest
from PIL import Image

from mmfeat import encoders
from mmfeat.errors import ConfigError, VolumeError
from mmfeat.quality import Thresholds
from mmfeat.stages.inspection.scan import inspect_scan
from mmfeat.stages.inspection.setup import InspectSetup

from ..inspect_scans import body_hu, write_nifti


@pytest.fixture
def scan(tmp_path):
    return write_nifti(tmp_path / "scan.nii.gz", body_hu())


def test_a_scan_is_judged_and_drawn(tmp_path, scan):
    found = inspect_scan(scan, InspectSetup(), tmp_path / "page.png")
    assert found.verdict.outcome == "pass"
    assert found.n_failed == 0
    with Image.open(tmp_path / "page.png") as image:
        assert min(image.size) > 1000
    described = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert described["outcome"] == "pass"
    assert described["facts"]["n_slices"] == 32
    assert described["encoder"] is None
    assert described["figure"] == str(tmp_path / "page.png")


def test_thresholds_and_encoder_come_from_the_setup(tmp_path, scan):
    setup = InspectSetup(
        thresholds=Thresholds(fewest_slices=40), encoder=encoders.create("intensity-stats")
    )
    found = inspect_scan(scan, setup, tmp_path / "page.png")
    assert found.n_failed == 1
    assert found.to_json()["encoder"]["name"] == "intensity-stats"
    assert "numbers, not an image" in found.to_json()["encoder"]["input"]


def test_what_is_not_in_hounsfield_units_is_drawn_and_rejected(tmp_path):
    scan = write_nifti(tmp_path / "raw.nii.gz", body_hu() + np.int16(1100))
    found = inspect_scan(scan, InspectSetup(), tmp_path / "page.png")
    assert found.verdict.codes[0] == "not-hounsfield"
    assert found.figure.is_file()


def test_a_figure_is_replaced_only_on_request(tmp_path, scan):
    figure = tmp_path / "page.png"
    figure.write_bytes(b"mine")
    with pytest.raises(ConfigError, match=r"page.png: is there already; name another --output"):
        inspect_scan(scan, InspectSetup(), figure)
    assert figure.read_bytes() == b"mine"
    inspect_scan(scan, InspectSetup(), figure, overwrite=True)
    assert figure.read_bytes().startswith(b"\x89PNG")


def test_what_cannot_be_read_leaves_no_figure(tmp_path, scan):
    scan.write_bytes(scan.read_bytes()[:1000])
    with pytest.raises(VolumeError, match="truncated"):
        inspect_scan(scan, InspectSetup(), tmp_path / "page.png")
    assert not (tmp_path / "page.png").exists()
