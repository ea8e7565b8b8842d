"""A scan with a region has a digest and a stat of both, and its point in the volume."""

import os

import nibabel as nib
import numpy as np
import pytest

from mmfeat.errors import VolumeError
from mmfeat.manifest.regions import MaskOfInterest, PointOfInterest
from mmfeat.stages.scan_content import content_sha256, current_stat, read_scan_content
from mmfeat.volumes import PointRules, source_sha256, source_stat, stat_size_bytes

from .extraction_cohort import write_scan

POINT = PointOfInterest((6.0, 7.5, 12.0), "ras_mm")
OTHER = PointOfInterest((6.0, 7.5, 12.5), "ras_mm")
VOXEL = PointOfInterest((4.0, 5.0, 6.0), "voxel")
POINTS = PointRules("point")


@pytest.fixture
def scan(tmp_path):
    write_scan(tmp_path / "scan.nii.gz", 0)
    return tmp_path / "scan.nii.gz"


@pytest.fixture
def mask(tmp_path):
    voxels = np.zeros((16, 16, 16), np.uint8)
    voxels[4, 5, 6] = 1
    nib.save(nib.Nifti1Image(voxels, np.diag([1.5, 1.5, 2.0, 1.0])), tmp_path / "mask.nii.gz")
    return MaskOfInterest(tmp_path / "mask.nii.gz")


def test_without_a_region_they_are_those_of_the_files(scan):
    assert current_stat(scan) == source_stat(scan)
    assert content_sha256(scan) == source_sha256(scan)
    assert read_scan_content(scan).point_mm is None


def test_each_region_has_its_own_and_they_begin_with_the_scans(scan, mask):
    regions = (None, POINT, OTHER, VOXEL, mask)
    digests = [content_sha256(scan, region) for region in regions]
    stats = [current_stat(scan, region) for region in regions]
    assert len(set(digests)) == len(set(stats)) == 5
    assert {len(digest) for digest in digests} == {64}
    assert {stat_size_bytes(stat) for stat in stats} == {scan.stat().st_size}
    assert all(stat.startswith(f"{source_stat(scan)} ") for stat in stats[1:])
    assert content_sha256(scan, PointOfInterest.of((-6.0, -7.5, 12.0), "lps_mm")) == digests[1]


def test_a_touched_mask_changes_the_stat_alone_and_a_lost_one_is_no_scan_that_is_gone(scan, mask):
    stat, digest = current_stat(scan, mask), content_sha256(scan, mask)
    os.utime(mask.mask, (1, 1))
    assert current_stat(scan, mask) != stat
    assert content_sha256(scan, mask) == digest
    mask.mask.unlink()
    assert current_stat(scan, mask).startswith(f"{source_stat(scan)} ")
    with pytest.raises(VolumeError, match=r"mask\.nii\.gz"):
        content_sha256(scan, mask)
    scan.unlink()
    assert current_stat(scan, POINT) == ""


def test_the_point_is_in_ras_millimetres_however_it_is_given(scan, mask):
    for region, rules in (
        (POINT, POINTS),
        (VOXEL, POINTS),
        (mask, PointRules("mask", part="largest")),
    ):
        volume = read_scan_content(scan, region, point_rules=rules)
        assert volume.point_mm == pytest.approx((6.0, 7.5, 12.0))
    assert read_scan_content(scan, POINT).point_mm is None  # for an encoder that looks at all


def test_a_scan_without_a_region_is_refused_where_one_is_needed(scan):
    with pytest.raises(VolumeError, match="the table has no coordinates for this scan"):
        read_scan_content(scan, point_rules=POINTS)
    with pytest.raises(VolumeError, match="the table has no mask for this scan"):
        read_scan_content(scan, point_rules=PointRules("mask"))
