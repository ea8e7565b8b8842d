import numpy as np
import pandas as pd
import pytest

from mmfeat.cache import CacheFolder, FeatureRow
from mmfeat.config.loading import load_project
from mmfeat.errors import CacheError, FeaturesError
from mmfeat.feature_table import FittedFeatures
from mmfeat.stages.caches.importing import ImportTarget, import_embeddings
from mmfeat.stages.cohort import open_cohort
from mmfeat.stages.embedding_source import read_embedding_source
from mmfeat.stages.features import open_features
from mmfeat.tabular.stored_vectors import StoredVectors


def test_a_modality_reads_an_imported_folder_as_it_reads_the_file(tmp_path, write_project):
    config = write_project(tmp_path, 30)
    target = ImportTarget(tmp_path / "cache", "vectors", "made-up")
    project = load_project(config)
    cohort = open_cohort(project)
    report = import_embeddings([tmp_path / "ct.npz"], target, cohort=cohort)
    n_vectors = len(np.load(tmp_path / "ct.npz")["case_id"])
    assert report.matches == {"case_id": (n_vectors, 30), "patient_id": (0, 15)}
    from_file = open_features(project, cohort)
    place = report.folder.relative_to(tmp_path)
    from_cache = open_features(load_project(config, [f"modalities.ct.file={place}"]), cohort)
    np.testing.assert_array_equal(from_cache.vectors["ct"], from_file.vectors["ct"])
    np.testing.assert_array_equal(from_cache.present, from_file.present)


def test_a_digest_follows_the_content(tmp_path):
    ids = pd.DataFrame({"case_id": ["a", "b"], "f": [1.0, 2.0]})
    digests = set()
    for number, name in ((1, "one"), (1, "two"), (2, "one")):
        ids.assign(f=ids["f"] * number).to_csv(tmp_path / "e.csv", index=False)
        target = ImportTarget(tmp_path / "cache", f"m{number}", name)
        folder = import_embeddings([tmp_path / "e.csv"], target).folder
        digests.add(read_embedding_source(folder, "case_id")[1])
    assert len(digests) == 2


def test_several_scans_of_a_case_are_no_embeddings(tmp_path):
    folder = CacheFolder.open(tmp_path, "ct", {"encoder": "mean"})
    folder.commit(
        [FeatureRow("a", digest * 64, "", np.ones(2, np.float32)) for digest in ("1", "2")]
    )
    with pytest.raises(FeaturesError, match="has several scans of `a`, and one vector for each"):
        read_embedding_source(folder.path, "case_id")


def test_a_folder_that_is_no_cache_is_refused(tmp_path):
    with pytest.raises(CacheError, match="no features in this folder"):
        read_embedding_source(tmp_path, "case_id")
    with pytest.raises(FeaturesError, match="0123456789ab: no such cache folder"):
        read_embedding_source(tmp_path / "ct" / "0123456789ab", "case_id")


def test_an_imported_folder_too_large_for_memory_stays_where_it_is(tmp_path, write_project):
    config = write_project(tmp_path, 30)
    target = ImportTarget(tmp_path / "cache", "vectors", "made-up")
    report = import_embeddings([tmp_path / "ct.npz"], target)
    setting = f"modalities.ct.file={report.folder.relative_to(tmp_path)}"
    project = load_project(config, [setting])
    cohort = open_cohort(project)
    in_memory = open_features(project, cohort)
    in_files = open_features(load_project(config, [setting, "train.memory_gb=1e-9"]), cohort)
    assert isinstance(in_files.vectors["ct"], StoredVectors)
    np.testing.assert_array_equal(in_files.vectors["ct"][:], in_memory.vectors["ct"])
    np.testing.assert_array_equal(in_files.present, in_memory.present)
    assert in_files.fingerprints == in_memory.fingerprints
    (note,) = set(in_files.notes) - set(in_memory.notes)
    assert "`ct`: features of 30 cases" in note
    assert "stay in the cache" in note
    rows = np.arange(20)
    whole, streamed = (FittedFeatures.fit(table, rows) for table in (in_memory, in_files))
    np.testing.assert_allclose(streamed.vectors["ct"].mean, whole.vectors["ct"].mean, rtol=1e-12)
    scaled = whole.transform(in_files)["ct"]
    np.testing.assert_array_equal(scaled[:], whole.transform(in_memory)["ct"])
