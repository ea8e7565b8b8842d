import logging

import numpy as np
import pandas as pd
import pytest
import yaml

from mmfeat import encoders
from mmfeat.cache import CacheFolder, Failure, FeatureRow
from mmfeat.config.loading import load_project
from mmfeat.errors import CacheError, CohortError, FeaturesError
from mmfeat.feature_table import FittedFeatures
from mmfeat.manifest.cohort import CaseScan, Cohort
from mmfeat.provenance import fingerprint
from mmfeat.stages.features import fit_features, open_features
from mmfeat.stages.volume_encoder import VolumeEncoder
from mmfeat.volumes import ReadingRules, source_stamp

CT = {"kind": "volume", "column": "ct", "encoder": "intensity-stats"}
CLINICAL = {"kind": "table", "columns": {"age": {"type": "numeric"}}}
EMBEDDED = {"kind": "features", "file": "pet.npz", "key": "patient_id"}
IDS = ("a", "b", "c", "d")


@pytest.fixture
def make_project(tmp_path):
    def make(modalities):
        settings = {
            "cohort": {
                "manifest": "table.csv",
                "targets": {"cancer": {"kind": "binary", "column": "cancer"}},
            },
            "modalities": modalities,
        }
        (tmp_path / "mmfeat.yaml").write_text(yaml.safe_dump(settings, sort_keys=False))
        return load_project(tmp_path / "mmfeat.yaml")

    return make


@pytest.fixture
def scans(tmp_path):
    """Files of a, b and c; nobody reads them, only their bytes are compared with the cache."""
    paths = []
    for name in "abc":
        paths.append(tmp_path / f"{name}.nii.gz")
        paths[-1].write_bytes(name.encode())
    return (*paths, None)


def _cohort(scans=(None,) * 4, ages=("60", "70", np.nan, "80")):
    return Cohort(
        case_ids=IDS,
        patient_ids=("p1", "p1", "p2", "p3"),
        sites=None,
        targets={},
        sources={"ct": tuple(() if path is None else (CaseScan(path),) for path in scans)},
        frame=pd.DataFrame({"case_id": IDS, "age": pd.Series(ages, dtype=object)}),
    )


def _identity():
    encoder = encoders.create("intensity-stats", weights=None, device="cpu", options={})
    return VolumeEncoder(encoder, ReadingRules()).identity


def _extract(project, scans, failing=()):
    folder = CacheFolder.open(project.path(project.settings.extract.cache), "ct", _identity())
    for number, (case_id, path) in enumerate(zip(IDS, scans, strict=True)):
        if path is None:
            continue
        stamp = source_stamp(path)
        if case_id in failing:
            failure = Failure(case_id, str(path), "torn", stamp.stat, "2026-01-01T00:00:00Z")
            folder.record_failures([failure])
        else:
            feature = np.full(5, number + 1, np.float32)
            folder.commit([FeatureRow(case_id, stamp.sha256, stamp.stat, feature)])


def _embed(project, ids=("p3", "p1", "p9")):
    vectors = np.arange(1.0, 2 * len(ids) + 1).reshape(-1, 2)
    np.savez(project.path("pet.npz"), patient_id=np.array(ids), feature=vectors)


def test_scans_records_and_embeddings_are_joined_by_case(make_project, scans):
    project = make_project({"clinical": CLINICAL, "ct": CT, "pet": EMBEDDED})
    _extract(project, scans)
    _embed(project)
    table = open_features(project, _cohort(scans))
    assert table.case_ids == IDS
    assert table.patient_ids == ("p1", "p1", "p2", "p3")
    assert table.modalities == ("clinical", "ct", "pet")
    np.testing.assert_array_equal(
        table.present,
        [[True, True, True], [True, True, True], [False, True, False], [True, False, True]],
    )
    np.testing.assert_array_equal(table.vectors["ct"][:, 0], [1, 2, 3, 0])
    np.testing.assert_array_equal(table.vectors["pet"], [[3, 4], [3, 4], [0, 0], [1, 2]])
    np.testing.assert_array_equal(
        table.records["clinical"].columns["age"].values, [60, 70, np.nan, 80]
    )
    assert table.notes == ()
    assert table.usable.all()
    used = {
        "counts": [1, 1, 1, 0],
        "days": [None] * 3,
        "sha256": [source_stamp(path).sha256 for path in scans[:3]],
    }
    expected = fingerprint({**_identity(), "several": "mean", "scans": used})
    assert table.fingerprints["ct"] == expected
    assert table.sets == {}


def test_fingerprints_change_with_what_features_are_made_from(make_project):
    project = make_project({"clinical": CLINICAL, "pet": EMBEDDED})
    cohort = _cohort(ages=("60", "61", "62", "63"))
    _embed(project)
    before = open_features(project, cohort).fingerprints
    _embed(project, ids=("p3", "p1", "p2"))
    after = open_features(project, cohort).fingerprints
    assert before["clinical"] == after["clinical"]
    assert before["pet"] != after["pet"]
    older = {"kind": "table", "columns": {"age": {"type": "numeric", "minimum": 18}}}
    other = make_project({"clinical": older, "pet": EMBEDDED})
    assert open_features(other, cohort).fingerprints["clinical"] != before["clinical"]


def test_failed_scans_count_as_missing_and_are_reported(make_project, scans, caplog):
    project = make_project({"clinical": CLINICAL, "ct": CT})
    _extract(project, scans, failing=("b", "c"))
    with caplog.at_level(logging.INFO):
        table = open_features(project, _cohort(scans))
    assert table.present[:, 1].tolist() == [True, False, False, False]
    assert table.usable.tolist() == [True, True, False, True], "c has no record either"
    (note,) = table.notes
    assert "`ct`: no features of 2 cases (`b`, `c`), because extraction failed" in note
    assert note.endswith("failures.csv")
    assert caplog.messages == [note]


def test_without_a_cache_the_command_to_run_is_named(make_project, scans):
    project = make_project({"ct": CT})
    with pytest.raises(CacheError, match="run `mmfeat extract`"):
        open_features(project, _cohort(scans))


def test_a_scan_that_is_not_extracted_is_named(make_project, scans):
    project = make_project({"ct": CT})
    _extract(project, (scans[0], scans[1], None, None))
    with pytest.raises(CacheError, match=r"1 of 3 scans are not extracted yet \(case `c`\)"):
        open_features(project, _cohort(scans))


def test_cases_with_nothing_are_refused_by_name(make_project):
    project = make_project({"clinical": CLINICAL})
    with pytest.raises(CohortError, match=r"nothing in any modality for 1 case \(`c`\); give"):
        open_features(project, _cohort())
    nothing = ("60", np.nan, np.nan, np.nan)
    with pytest.raises(CohortError, match=r"for 3 cases \(`b`, `c`, `d`\)"):
        open_features(project, _cohort(ages=nothing))


def test_a_modality_that_no_case_has_is_refused(make_project, scans):
    project = make_project({"clinical": CLINICAL, "ct": CT})
    _extract(project, scans)
    with pytest.raises(CohortError, match="modality `clinical`: no case has it"):
        open_features(project, _cohort(scans, ages=(np.nan,) * 4))


def test_embeddings_of_other_patients_are_refused(make_project):
    project = make_project({"clinical": CLINICAL, "pet": EMBEDDED})
    _embed(project, ids=("P1", "P2"))
    message = r"pet\.npz: none of its ids is a patient_id of the manifest; it has `P1`, `P2`, and "
    with pytest.raises(FeaturesError, match=message):
        open_features(project, _cohort())


def test_records_that_do_not_fit_are_refused_with_their_place(make_project):
    project = make_project({"clinical": CLINICAL})
    message = r"table\.csv: row 3, column `age`: not a number.* \(found `old`\)"
    with pytest.raises(CohortError, match=message):
        open_features(project, _cohort(ages=("60", "old", "70", "80")))


def test_record_settings_reach_the_encoder(make_project):
    project = make_project({"clinical": CLINICAL | {"scaling": "quantile", "rare_below": 0.3}})
    table = open_features(project, _cohort(ages=("60", "61", "62", "90")))
    rows = np.array([0, 1, 2])
    fitted = fit_features(project, table, rows)
    expected = FittedFeatures.fit(
        table, rows, scaling={"clinical": "quantile"}, rare_below={"clinical": 0.3}
    )
    assert fitted.digest == expected.digest
    assert fitted.digest != FittedFeatures.fit(table, rows).digest


def test_a_real_cohort_of_records_and_embeddings(make_project, shared_data):
    folder = shared_data / "hancock"
    columns = {"clinical_age_at_initial_diagnosis": {"type": "numeric", "minimum": 0}}
    he = {"kind": "features", "file": str(folder / "embedding_HE.npz"), "key": "patient_id"}
    project = make_project({"clinical": {"kind": "table", "columns": columns}, "he": he})
    frame = pd.read_csv(folder / "table.csv", dtype=str)
    ids = tuple(frame["patient_id"])
    table = open_features(project, Cohort(ids, ids, None, {}, {}, frame))
    assert table.present.sum(axis=0).tolist() == [763, 760]
    arrays = fit_features(project, table, np.arange(500)).transform(table)
    training = arrays["he"][:500][table.has("he")[:500]]
    np.testing.assert_allclose(training.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(training.std(axis=0), 1, atol=1e-3)
