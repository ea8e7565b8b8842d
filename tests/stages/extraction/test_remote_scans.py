"""Scans, masks and tables at URLs: the same features as from disk, and nothing left on disk."""

import json
import os

import numpy as np
import pytest

from mmfeat.cache import CacheFolder
from mmfeat.config.loading import load_project
from mmfeat.errors import CohortError, ConfigError, RemoteError
from mmfeat.progress import Silent
from mmfeat.stages.cache_place import cache_on_disk
from mmfeat.stages.cohort import open_cohort
from mmfeat.stages.extraction.extract import extract
from mmfeat.stages.features import open_features
from mmfeat.stages.scan_content import content_sha256, current_stat

from ..extraction_cohort import make_cohort


@pytest.fixture
def cohort(tmp_path, bucket, monkeypatch):
    """Three cases whose scans lie in a bucket, too, and a place for temporary files."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr("tempfile.tempdir", None)
    made = make_cohort(tmp_path / "cohort", 3)
    bucket.put("scans", made.folder / "scans")
    return made


def _extract(cohort, *overrides, **options):
    project = load_project(cohort.config, list(overrides))
    report = extract(project, progress=Silent(), should_stop=lambda: False, **options)
    return report.modalities[0]


def _features(cohort, report):
    identity = json.loads((report.cache / "recipe.json").read_text())
    folder = CacheFolder.find(report.cache.parents[1], report.modality, identity)
    features, found = folder.read([(case_id, None) for case_id in cohort.scans])
    assert found.all()
    return features


def _move_to(cohort, url):
    cohort.scans = {case_id: f"{url}/{path}" for case_id, path in cohort.scans.items()}
    return cohort.write()


def test_features_of_scans_in_a_bucket_are_those_of_the_same_scans_on_disk(
    cohort, bucket, tmp_path
):
    on_disk = _extract(cohort, "extract.cache=on-disk")
    _move_to(cohort, bucket.url)
    report = _extract(cohort)
    assert (report.n_extracted, report.failures) == (3, {})
    np.testing.assert_array_equal(_features(cohort, report), _features(cohort, on_disk))
    assert list((tmp_path / "scratch").iterdir()) == []


def test_scans_that_were_copied_to_a_bucket_keep_their_features(cohort, bucket):
    first = _extract(cohort)
    _move_to(cohort, bucket.url)
    report = _extract(cohort)
    assert (report.n_extracted, report.n_done_before, report.n_scans) == (0, 3, 3)
    assert report.cache == first.cache
    again = _extract(cohort)
    assert (again.n_done_before, again.n_scans) == (3, 0)


def test_a_scan_that_changes_in_its_bucket_is_embedded_again(cohort, bucket):
    _move_to(cohort, bucket.url)
    _extract(cohort)
    bucket.put("scans/001.nii.gz", cohort.folder / "scans/002.nii.gz")
    assert _extract(cohort).n_extracted == 1


def test_a_table_in_a_bucket_has_scans_beside_it(cohort, bucket):
    url = bucket.put("manifest.csv", cohort.folder / "manifest.csv")
    on_disk = _extract(cohort, "extract.cache=on-disk")
    report = _extract(cohort, f"cohort.manifest={url}")
    np.testing.assert_array_equal(_features(cohort, report), _features(cohort, on_disk))
    table = open_features(
        load_project(cohort.config, [f"cohort.manifest={url}"]),
        open_cohort(load_project(cohort.config, [f"cohort.manifest={url}"])),
    )
    assert table.case_ids == tuple(cohort.scans)


def test_scans_of_a_web_server_are_read_and_a_signature_is_nowhere_in_the_cache(cohort, bucket):
    signed = {
        case_id: bucket.files.sign(f"{bucket.name}/{path}")
        for case_id, path in cohort.scans.items()
    }
    signed["case-002"] = signed["case-002"].replace("002.nii", "gone.nii")
    bucket.put("scans/gone.nii.gz", b"no scan at all")
    cohort.scans = signed
    report = _extract(cohort.write())
    assert (report.n_extracted, len(report.failures)) == (2, 1)
    kept = [file for file in report.cache.parents[1].rglob("*") if file.is_file()]
    assert any(file.name == "failures.csv" for file in kept)
    for file in kept:
        assert b"Signature" not in file.read_bytes()
        assert b"a-secret-of-tests" not in file.read_bytes()
    assert "Signature" not in str(report)


def test_a_scan_that_is_damaged_is_named_by_its_url(cohort, bucket):
    bucket.put("scans/001.nii.gz", b"no scan at all")
    _move_to(cohort, bucket.url)
    report = _extract(cohort)
    ((key, reason),) = report.failures.items()
    assert str(key[1]) == f"{bucket.url}/scans/001.nii.gz"
    assert reason.startswith(f"{bucket.url}/scans/001.nii.gz: ")
    assert "mmfeat-copy" not in reason


def test_a_store_that_fails_while_a_scan_is_read_is_tried_again_by_the_next_run(
    cohort, bucket, monkeypatch
):
    _move_to(cohort, bucket.url)
    kept = (cohort.folder / "scans/001.nii.gz").read_bytes()
    project = load_project(cohort.config)
    opened = open_cohort(project)
    bucket.remove("scans/001.nii.gz")  # after the tables were looked through
    report = extract(
        project, progress=Silent(), should_stop=lambda: False, beside=opened
    ).modalities[0]
    assert (report.n_extracted, len(report.failures)) == (2, 1)
    bucket.put("scans/001.nii.gz", kept)
    report = _extract(cohort)
    assert (report.n_extracted, report.failures) == (1, {})


def test_faults_of_urls_are_listed_like_those_of_paths(cohort, bucket):
    cohort.scans = {
        "case-000": f"{bucket.url}/scans/000.nii.gz",
        "case-001": f"{bucket.url}/scans/nothing.nii.gz",
        "case-002": "ftp://example.org/002.nii.gz",
    }
    with pytest.raises(CohortError) as caught:
        open_cohort(load_project(cohort.write().config))
    first, second = map(str, caught.value.faults)
    assert first.startswith("row 3, column `ct`: no such file or folder; correct the URL, or empty")
    assert second.startswith("row 4, column `ct`: `ftp://` is not read; use one of s3://")


def test_a_cell_may_have_several_urls(cohort, bucket):
    cohort.scans["case-000"] = f"{bucket.url}/scans/000.nii.gz; {bucket.url}/scans/001.nii.gz"
    cohort.scans["case-001"] = ""
    scans = open_cohort(load_project(cohort.write().config)).sources["ct"][0]
    assert [scan.path.name for scan in scans] == ["000.nii.gz", "001.nii.gz"]


def test_a_manifest_that_is_not_there_says_so(cohort, bucket):
    project = load_project(cohort.config, [f"cohort.manifest={bucket.url}/none.csv"])
    with pytest.raises(RemoteError, match=r"none\.csv: no such file or folder"):
        open_cohort(project)


def test_a_fault_of_a_table_in_a_bucket_names_its_url(cohort, bucket):
    url = bucket.put("manifest.csv", b"case_id,patient_id\n1,2,3\n")
    with pytest.raises(CohortError, match=rf"^{url}: row 2: has 3 cells"):
        open_cohort(load_project(cohort.config, [f"cohort.manifest={url}"]))


def test_a_manifest_with_a_password_in_its_url_is_refused_without_the_password(cohort):
    with pytest.raises(ConfigError, match="has a user or password in it") as caught:
        load_project(cohort.config, ["cohort.manifest=https://eve:hidden@example.org/m.csv"])
    assert "hidden" not in str(caught.value)


def test_a_dicom_folder_in_a_bucket_has_the_digest_of_the_one_on_disk(tmp_path, bucket):
    folder = tmp_path / "case"
    for name in ("1.dcm", "sub/2.dcm", ".hidden"):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(os.urandom(100))
    bucket.put("case", folder)
    cell = f"{bucket.url}/case"
    from mmfeat.remote_path import RemotePath

    assert content_sha256(RemotePath.parse(cell)) == content_sha256(folder)
    assert current_stat(RemotePath.parse(cell)).split()[0] == current_stat(folder).split()[0]


def test_a_cache_in_a_bucket_equals_one_on_disk_and_is_read_on_another_machine(cohort, bucket):
    on_disk = _extract(cohort, "extract.cache=on-disk")
    there = f"extract.cache={bucket.url}/features"
    report = _extract(cohort, there)
    assert report.n_extracted == 3
    (shard,) = report.cache.glob("shard-*.h5")
    (whole,) = on_disk.cache.glob("shard-*.h5")
    assert (shard.name, shard.read_bytes()) == (whole.name, whole.read_bytes())
    other = load_project(cohort.config, [there, "extract.cache_copy=another-machine"])
    table = open_features(other, open_cohort(other))
    np.testing.assert_array_equal(table.vectors["ct"], _features(cohort, on_disk))
    names = {name.rpartition("/")[2] for name in bucket.files.find(f"{bucket.name}/features")}
    assert {"recipe.json", "quality.parquet", "last_extract.json", shard.name} == names


def test_nothing_can_be_cached_on_a_web_server(cohort):
    with pytest.raises(ConfigError, match="nothing can be written to `https://`"):
        load_project(cohort.config, ["extract.cache=https://example.org/cache"])


def test_commands_on_caches_name_the_copy_of_one_in_a_bucket(cohort, bucket):
    project = load_project(cohort.config, [f"extract.cache={bucket.url}/features"])
    with pytest.raises(ConfigError, match=r"is an object store.*name the copy.*cache-copy/"):
        cache_on_disk(project)
