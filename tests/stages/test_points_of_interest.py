"""A feature of a point is made again when its point or mask changes, and only then."""

import json
import os
import re
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import torch
from monai.networks.nets import resnet50

from mmfeat.cache import CacheFolder
from mmfeat.config.loading import load_project
from mmfeat.errors import ConfigError
from mmfeat.progress import Silent
from mmfeat.provenance import fingerprint
from mmfeat.stages.caches.stale import find_stale
from mmfeat.stages.check import check_project
from mmfeat.stages.cohort import open_cohort
from mmfeat.stages.doctor.examine import examine
from mmfeat.stages.extraction.extract import extract
from mmfeat.stages.extraction.staleness import CHANGED, MOVED, NEW
from mmfeat.stages.extraction.status import status
from mmfeat.stages.features import open_features
from mmfeat.stages.volume_encoder import volume_encoder

from .extraction_cohort import write_scan

SETTINGS = """\
cohort:
  manifest: manifest.csv
  targets: {cancer: {kind: binary, column: cancer}}
  split: {folds: 2, val_share: 0.3}
modalities:
  ct: {kind: volume, encoder: fmcib, weights: fmcib.torch, options: {width: 4, shrink: 2}, CT}
  clinical: {kind: table, columns: {age: {type: numeric}}}
extract: {workers: 2}
"""
ONE_EACH = "column: ct, point: {columns: [x, y, z], space: voxel}"
LESIONS = "scans: {file: lesions.csv}, point: {columns: [x, y, z], space: lps_mm}, several: max"
MASKS = "column: ct, mask: {column: mask}"
AFFINE = np.diag([1.5, 1.5, 2.0, 1.0])
"""Of the scans."""


def _write_mask(path: Path, first: int, value: int = 1) -> None:
    voxels = np.zeros((16, 16, 16), np.uint8)
    voxels[first : first + 3, 4:7, 5:9] = value
    nib.save(nib.Nifti1Image(voxels, AFFINE), path)


class Cohort:
    """Five cases, of which one has no scan, in a folder; the tables can be written again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.points = {name: (3 + number, 8, 7) for number, name in enumerate("abcd")}
        for number, name in enumerate("abcd"):
            write_scan(folder / f"{name}.nii.gz", number)
            _write_mask(folder / f"{name}-mask.nii.gz", 2 + number)
        narrow = resnet50(
            n_input_channels=1,
            widen_factor=1 / 16,
            conv1_t_stride=2,
            feed_forward=False,
            bias_downsample=True,
        )
        torch.save({"trunk_state_dict": narrow.state_dict()}, folder / "fmcib.torch")
        self.write()

    def write(self, ct: str = ONE_EACH, lesions: str = "") -> None:
        (self.folder / "mmfeat.yaml").write_text(SETTINGS.replace("CT", ct))
        rows = ["case_id,patient_id,cancer,age,ct,mask,x,y,z", "e,pe,1,50,,,,,"]
        for number, (name, point) in enumerate(self.points.items()):
            place = ",".join(map(str, point))
            files = f"{name}.nii.gz,{name}-mask.nii.gz"
            rows.append(f"{name},p{name},{number % 2},{60 + number},{files},{place}")
        (self.folder / "manifest.csv").write_text("\n".join(rows) + "\n")
        (self.folder / "lesions.csv").write_text(f"case_id,path,x,y,z\n{lesions}")

    def project(self, *overrides):
        return load_project(self.folder / "mmfeat.yaml", overrides)

    def extract(self, *overrides, **options):
        project = self.project(*overrides)
        asked = {"progress": Silent(), "should_stop": lambda: False, **options}
        (report,) = extract(project, **asked).modalities
        return report

    def rows(self, report) -> dict[str, list[tuple[str, bytes]]]:
        """Digest and feature of each row of the cache, by case."""
        identity = json.loads((report.cache / "recipe.json").read_text())
        folder = CacheFolder.find(report.cache.parents[1], "ct", identity)
        keys = [(case, row.source_sha256) for case, rows in folder.index().items() for row in rows]
        features, found = folder.read(keys)
        assert found.all()
        rows: dict[str, list[tuple[str, bytes]]] = {}
        for (case, sha256), feature in zip(keys, features, strict=True):
            rows.setdefault(case, []).append((sha256, feature.tobytes()))
        return rows


@pytest.fixture
def cohort(tmp_path):
    return Cohort(tmp_path)


def _counts(report):
    return report.n_done_before, report.n_extracted, report.n_changed, len(report.failures)


def test_only_the_case_whose_point_moved_is_embedded_again(cohort):
    first = cohort.rows(cohort.extract())
    assert set(first) == set("abcd")
    assert _counts(cohort.extract()) == (4, 0, 0, 0)
    cohort.points["b"] = (9, 8, 7)
    cohort.write()
    (reason,) = cohort.extract(dry_run=True).reasons
    assert reason.why == MOVED
    assert [case for case, _ in reason.scans] == ["b"]
    report = cohort.extract()
    assert _counts(report) == (3, 1, 1, 0)
    second = cohort.rows(report)
    assert {name: second[name] for name in "acd"} == {name: first[name] for name in "acd"}
    assert first["b"][0] in second["b"]
    assert len(set(second["b"])) == 2
    cohort.points["b"] = (4, 8, 7)
    cohort.write()
    assert _counts(cohort.extract(dry_run=True)) == (4, 0, 0, 0)  # the feature of before is there


def test_a_point_has_one_feature_in_whatever_space_and_spelling_it_is_written(cohort):
    report = cohort.extract()
    cohort.points = {name: [1.5 * x, 1.5 * y, 2.0 * z] for name, (x, y, z) in cohort.points.items()}
    cohort.write(ONE_EACH.replace("voxel", "ras_mm"))
    in_mm = cohort.extract()
    assert in_mm.cache == report.cache
    assert _counts(in_mm) == (0, 4, 4, 0)  # that they are the same is only known with the scan
    rows = cohort.rows(in_mm)
    assert all(len({feature for _, feature in found}) == 1 for found in rows.values())
    cohort.points = {
        name: [f"{-x}", f"-{y:.3f}", f"{z}0"] for name, (x, y, z) in cohort.points.items()
    }
    cohort.write(ONE_EACH.replace("voxel", "lps_mm"))
    assert _counts(cohort.extract()) == (4, 0, 0, 0)


def test_a_changed_mask_makes_its_feature_stale_and_a_touched_one_does_not(cohort):
    cohort.write(MASKS)
    first = cohort.extract()
    assert _counts(first) == (0, 4, 0, 0)
    os.utime(cohort.folder / "a-mask.nii.gz", (1, 1))
    (reason,) = cohort.extract(dry_run=True).reasons
    assert (reason.why, [case for case, _ in reason.scans]) == (MOVED, ["a"])
    assert _counts(cohort.extract()) == (4, 0, 0, 0)
    before = cohort.rows(first)
    _write_mask(cohort.folder / "a-mask.nii.gz", 9)
    assert _counts(cohort.extract()) == (3, 1, 1, 0)
    after = cohort.rows(first)
    assert [len(set(after[name])) for name in "abcd"] == [2, 1, 1, 1]
    assert {name: set(after[name]) for name in "bcd"} == {name: set(before[name]) for name in "bcd"}


def test_a_changed_scan_is_still_noticed(cohort):
    cohort.extract()
    write_scan(cohort.folder / "c.nii.gz", 77)
    (reason,) = cohort.extract(dry_run=True).reasons
    assert (reason.why, [case for case, _ in reason.scans]) == (CHANGED, ["c"])
    assert _counts(cohort.extract()) == (3, 1, 1, 0)


def test_the_point_of_a_mask_is_its_centre(cohort):
    cohort.write(MASKS)
    by_mask = cohort.rows(cohort.extract())
    cohort.points = {name: (3 + number, 5, 6.5) for number, name in enumerate("abcd")}
    cohort.write()
    by_point = cohort.rows(cohort.extract())
    for name in "abcd":
        assert by_mask[name][0][1] == by_point[name][0][1]


def test_cases_without_a_point_outside_or_of_an_empty_mask_fail_by_name(cohort):
    cohort.points |= {"a": ("", "", ""), "b": (99, 0, 0)}
    cohort.write()
    report = cohort.extract()
    assert _counts(report) == (0, 2, 0, 2)
    reasons = {case: reason for (case, _), reason in report.failures.items()}
    scan = re.escape(str(cohort.folder / "a.nii.gz"))
    assert re.match(rf"{scan}: the encoder needs a point .* no coordinates", reasons["a"])
    assert "is outside the scan, which reaches from" in reasons["b"]
    assert status(cohort.project()).cases("failed") == ["a", "b"]
    assert _counts(cohort.extract()) == (2, 0, 0, 2)
    cohort.points |= {"a": (4, 4, 4), "b": (5, 5, 5)}
    cohort.write()
    assert status(cohort.project()).cases("pending") == ["a", "b"]
    mended = cohort.extract()
    assert _counts(mended) == (2, 2, 0, 0)
    assert (mended.cache / "failures.csv").read_text().count("\n") == 1
    _write_mask(cohort.folder / "d-mask.nii.gz", 3, value=0)
    cohort.write(MASKS)
    (reason,) = cohort.extract().failures.values()
    assert "d-mask.nii.gz: an empty mask" in reason


@pytest.fixture
def lesions(cohort):
    """Three lesions of case `a`, of which two are in one scan, and one of `b`."""
    rows = ["a,a.nii.gz,-6,-12,14", "a,a.nii.gz,-15,-12,14", "a,c.nii.gz,-6,-12,14"]
    cohort.write(LESIONS, "\n".join([*rows, "b,b.nii.gz,-6,-12,14", ""]))
    return cohort


def test_each_lesion_of_a_scan_has_a_row_and_a_rule_makes_one_feature_of_them(lesions):
    report = lesions.extract()
    assert _counts(report) == (0, 4, 0, 0)
    rows = lesions.rows(report)
    assert [len(set(rows[name])) for name in "ab"] == [3, 1]
    assert _counts(lesions.extract()) == (4, 0, 0, 0)
    project = lesions.project()
    table = open_features(project, open_cohort(project))
    vectors = [np.frombuffer(feature, np.float32) for _, feature in rows["a"]]
    row = table.case_ids.index("a")
    np.testing.assert_array_equal(table.vectors["ct"][row], np.max(vectors, axis=0))
    assert table.present[:, 0].tolist() == [name in "ab" for name in table.case_ids]
    as_set = lesions.project("modalities.ct.several=set")
    assert open_features(as_set, open_cohort(as_set)).sets["ct"].counts[row] == 3


def test_a_lesion_that_moved_leaves_the_others_of_its_scan_alone(lesions):
    lesions.extract()
    text = (lesions.folder / "lesions.csv").read_text()
    (lesions.folder / "lesions.csv").write_text(text.replace("a,a.nii.gz,-6,", "a,a.nii.gz,-9,"))
    report = lesions.extract()
    assert _counts(report) == (3, 1, 1, 0)
    (stale,) = find_stale(lesions.project(), Silent())
    assert [(row.case_id, row.why) for row in stale.rows] == [
        ("a", "no scan of this case has this content any more")
    ]
    quality = report.cache / "quality.parquet"
    assert quality.exists()


def test_a_killed_extraction_goes_on_with_the_lesions_that_are_left(lesions):
    assert _counts(lesions.extract(limit=2))[1] == 2
    assert status(lesions.project()).modalities[0].to_json()["cases"]["pending"] == 2
    assert _counts(lesions.extract()) == (2, 2, 0, 0)


def test_an_encoder_that_looks_at_all_leaves_points_out_of_everything(lesions):
    whole = ("modalities.ct.encoder=intensity-stats",)
    whole += ("modalities.ct.options={}", "modalities.ct.weights=null")
    with_points = lesions.extract(*whole)
    assert _counts(with_points) == (0, 3, 0, 0)  # two lesions of one scan are one scan
    (note,) = open_cohort(lesions.project(*whole)).notes
    assert "`point` is not used, for encoder intensity-stats looks at all of a scan" in note
    without = (*whole, "modalities.ct.point=null", "modalities.ct.scans=null")
    without += ("modalities.ct.column=ct",)
    report = lesions.extract(*without)
    assert report.cache == with_points.cache
    assert (report.n_done_before, report.n_extracted) == (2, 2)


def test_how_points_are_found_belongs_to_the_fingerprint_where_they_are(cohort):
    found = {}
    for name, ct in {
        "point": ONE_EACH,
        "mask": MASKS,
        "label": "column: ct, mask: {column: mask, label: 1}",
        "part": "column: ct, mask: {column: mask, part: all}",
    }.items():
        cohort.write(ct)
        project = cohort.project()
        made = volume_encoder(project, project.settings.modalities["ct"], device="cpu")
        found[name] = made.identity
    assert found["point"]["reading"]["point"]["given_as"] == "point"
    assert len({fingerprint(identity) for identity in found.values()}) == 4


def test_an_encoder_that_needs_a_point_is_refused_before_anything_is_read(cohort):
    cohort.write("column: ct")
    (cohort.folder / "a.nii.gz").unlink()
    message = "encoder fmcib: needs a point of interest in each scan; name the columns"
    with pytest.raises(ConfigError, match=message):
        check_project(cohort.project("modalities.ct.column=mask"))
    with pytest.raises(ConfigError, match=message):
        cohort.extract("modalities.ct.column=mask")
    report = examine(
        cohort.folder / "mmfeat.yaml",
        ["modalities.ct.column=mask"],
        sample=1,
        volume=False,
        devices=(1,),
        progress=Silent(),
    )
    problems = [one.message for one in report.findings if one.level == "problem"]
    assert any("needs a point of interest" in problem for problem in problems)


def test_missing_points_are_told_before_an_extraction(cohort):
    cohort.points["b"] = ("", "", "")
    cohort.write()
    (note,) = open_cohort(cohort.project()).notes
    assert note == (
        "`ct`: cases with a scan that has no point of interest, which cannot be embedded: 1 (`b`)"
    )


def test_the_reason_of_a_first_extraction_is_that_it_is_new(cohort):
    (reason,) = cohort.extract(dry_run=True).reasons
    assert reason.why == NEW
    assert ("a", f"{cohort.folder / 'a.nii.gz'} at (3.0, 8.0, 7.0) voxels") in reason.scans
