"""Embeddings made elsewhere go into a cache folder of their own, all of them and once."""

import json

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import save_file

from mmfeat.cache import CacheFolder, FeatureRow
from mmfeat.cache.all_rows import content_sha256, read_all_rows
from mmfeat.cache.browsing import open_one_cache
from mmfeat.cache.verifying import verify_folder
from mmfeat.errors import ConfigError
from mmfeat.provenance import fingerprint
from mmfeat.stages.caches.export import export_cache
from mmfeat.stages.caches.import_files import ImportRules
from mmfeat.stages.caches.importing import ImportTarget, import_embeddings
from mmfeat.tabular.exported_files import EXPORTERS

IDS = ("a", "b", "c")
VECTORS = np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32)


@pytest.fixture
def target(tmp_path):
    return ImportTarget(tmp_path / "cache", "ct", "my-encoder")


def _write_each(folder, ids=IDS, vectors=VECTORS):
    folder.mkdir()
    for case_id, vector in zip(ids, vectors, strict=True):
        np.save(folder / f"{case_id}.npy", vector)
    return folder


def _write(file):
    by_case = dict(zip(IDS, map(torch.from_numpy, VECTORS), strict=True))
    match file.suffix:
        case ".npz":
            np.savez(file, case_id=IDS, feature=VECTORS)
        case ".pt":
            torch.save(by_case, file)
        case ".safetensors":
            save_file(by_case, file)
        case ".parquet":
            columns = {f"f{number}": VECTORS[:, number] for number in range(4)}
            pd.DataFrame({"case_id": IDS, **columns}).to_parquet(file)
        case _:
            pd.DataFrame(VECTORS.astype(np.float64), index=pd.Index(IDS, name="case_id")).to_csv(
                file
            )
    return file


@pytest.mark.parametrize("ending", [".npz", ".pt", ".safetensors", ".parquet", ".csv"])
def test_every_format_gives_the_same_features_and_a_sound_folder(tmp_path, target, ending):
    report = import_embeddings([_write(tmp_path / f"e{ending}")], target)
    assert report.written
    assert report.folder.parent == target.root / "ct"
    rows = read_all_rows(open_one_cache(report.folder))
    assert rows.case_ids == IDS
    np.testing.assert_array_equal(rows.features, VECTORS)
    verified = verify_folder(report.folder, lambda _: None)
    assert (verified.n_rows, verified.problems, verified.leftovers) == (3, (), ())


def test_the_recipe_says_what_was_imported(tmp_path, target):
    report = import_embeddings([_write(tmp_path / "e.npz")], target)
    recipe = json.loads((report.folder / "recipe.json").read_text())
    rows = read_all_rows(open_one_cache(report.folder))
    assert (
        recipe
        == report.identity
        == {
            "encoder": "imported",
            "name": "my-encoder",
            "weights_sha256": None,
            "embedding_size": 4,
            "n_scans": 3,
            "content_sha256": content_sha256(rows.case_ids, rows.sources, rows.features),
            "files": {"format": "npz", "number": 1, "sha256": rows.sources[0]},
        }
    )
    assert report.folder.name == fingerprint(recipe)[:12]


def test_the_same_files_are_stored_once_wherever_they_lie(tmp_path, target):
    first = import_embeddings([_write_each(tmp_path / "one")], target)
    again = import_embeddings(sorted(_write_each(tmp_path / "two").iterdir(), reverse=True), target)
    assert (again.written, again.there_before) == (False, True)
    assert again.folder == first.folder
    assert len(list(first.folder.glob("shard-*.h5"))) == 1


def test_other_files_never_come_into_the_same_folder(tmp_path, target):
    ids, more = (*IDS, "d"), np.concatenate([VECTORS, VECTORS[:1]])
    folders = {
        import_embeddings([source], where).folder
        for source, where in (
            (_write_each(tmp_path / "one"), target),
            (_write_each(tmp_path / "other", vectors=VECTORS[::-1]), target),
            (_write_each(tmp_path / "renamed", ids=("a", "b", "x")), target),
            (_write_each(tmp_path / "more", ids=ids, vectors=more), target),
            (_write(tmp_path / "e.npz"), target),
            (tmp_path / "one", ImportTarget(target.root, "ct", "another-encoder")),
        )
    }
    assert len(folders) == 6


def test_an_import_that_was_killed_before_its_shard_is_made_whole(tmp_path, target):
    source = _write_each(tmp_path / "one")
    report = import_embeddings([source], target)
    for shard in report.folder.glob("shard-*.h5"):
        shard.unlink()
    assert import_embeddings([source], target).written
    assert read_all_rows(open_one_cache(report.folder)).case_ids == IDS


def test_a_dry_run_says_all_and_writes_nothing(tmp_path, target):
    source = _write_each(tmp_path / "one")
    report = import_embeddings([source], target, dry_run=True)
    assert not target.root.exists()
    assert (report.written, report.there_before, report.n_cases) == (False, False, 3)
    assert report.first_ids == IDS
    assert report.folder == import_embeddings([source], target).folder
    assert import_embeddings([source], target, dry_run=True).there_before


@pytest.mark.parametrize("ending", EXPORTERS)
def test_what_was_exported_comes_back_bit_for_bit_with_its_scans(tmp_path, target, ending):
    made = CacheFolder.open(tmp_path / "made", "ct", {"encoder": "mean", "recipe": {"version": 1}})
    scans = [("a", "1" * 64), ("a", "2" * 64), ("b", "3" * 64)]
    awkward = np.array([[0.1, -0.0], [3.4e38, 1e-45], [16777217, 1 / 3]], np.float32)
    made.commit([FeatureRow(*scan, "", row) for scan, row in zip(scans, awkward, strict=True)])
    file = export_cache(made.path, tmp_path / f"e{ending}").file
    report = import_embeddings([file], target)
    before, after = read_all_rows(made), read_all_rows(open_one_cache(report.folder))
    assert (after.case_ids, after.sources) == (before.case_ids, before.sources)
    assert after.features.tobytes() == before.features.tobytes()
    assert report.left_out == ()
    assert report.identity["exported_from"] == {
        "fingerprint": fingerprint(made.identity),
        "recipe": made.identity,
    }


def test_provenance_that_tells_of_other_rows_is_not_believed(tmp_path, target):
    made = CacheFolder.open(tmp_path / "made", "ct", {"encoder": "mean"})
    rows = zip(IDS, VECTORS, strict=True)
    made.commit([FeatureRow(case_id, "1" * 64, "", row) for case_id, row in rows])
    file = export_cache(made.path, tmp_path / "e.csv").file
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:-1]))
    report = import_embeddings([file], target)
    assert report.n_cases == 2
    assert "exported_from" not in report.identity


def test_an_archive_as_of_ct_foundation_is_imported_where_it_is_trusted(tmp_path, target):
    archive = {
        case_id: {"embedding": vector, "cancer_in_1": 0, "cancer_in_2": 1}
        for case_id, vector in zip(IDS, VECTORS, strict=True)
    }
    np.savez(tmp_path / "nlst_tune_with_labels.npz", np.array(archive, dtype=object))
    report = import_embeddings(
        [tmp_path / "nlst_tune_with_labels.npz"], target, rules=ImportRules(trust_pickle=True)
    )
    np.testing.assert_array_equal(read_all_rows(open_one_cache(report.folder)).features, VECTORS)
    assert report.left_out == ("cancer_in_1", "cancer_in_2")


@pytest.mark.parametrize(
    ("modality", "name", "message"),
    [
        ("a/b", "x", "--modality a/b: must be the name of a folder"),
        ("..", "x", "must be the name of a folder"),
        ("", "x", "must be the name of a folder"),
        ("ct", " ", "--name: is empty"),
    ],
)
def test_names_that_are_none_are_refused(tmp_path, modality, name, message):
    with pytest.raises(ConfigError, match=message):
        ImportTarget(tmp_path, modality, name)
