import numpy as np
import pytest

from mmfeat.config.loading import load_project
from mmfeat.errors import CohortError, ConfigError, EncoderError, FeaturesError, TrainError
from mmfeat.stages.check import check_project
from mmfeat.stages.cohort import open_cohort, open_folds


@pytest.fixture
def check(tmp_path, write_project):
    config = write_project(tmp_path, n_cases=30)

    def with_overrides(*overrides):
        return check_project(load_project(config, overrides))

    return with_overrides


def _files(folder):
    return {
        file: file.stat().st_mtime_ns
        for file in folder.rglob("*")
        if "__pycache__" not in str(file)
    }


def test_a_sane_project_is_counted_and_nothing_is_written(check, tmp_path):
    before = _files(tmp_path)
    summary = check()
    assert (summary.n_cases, summary.n_patients) == (30, 15)
    assert len(summary.folds) == 3
    assert all(sum(fold.values()) == 30 for fold in summary.folds)
    assert _files(tmp_path) == before


def test_the_same_folds_are_shown_that_are_made_later(check, tmp_path):
    shown = check().folds
    project = load_project(tmp_path / "mmfeat.yaml")
    made = open_folds(project, open_cohort(project))
    assert [fold["test"] for fold in shown] == [len(fold.test) for fold in made]
    assert check().folds == shown


@pytest.mark.parametrize(
    ("override", "error", "message"),
    [
        ("train.methods=[papper]", TrainError, "did you mean `paper`"),
        ("cohort.case_id=case", CohortError, r"column `case`: not in the manifest"),
        ("cohort.manifest=none.csv", CohortError, r"none\.csv: no such file"),
        ("cohort.split.folds=20", CohortError, "15 patients are too few for 20 folds"),
        ("modalities.ct.file=none.npz", FeaturesError, r"none\.npz"),
        ("modalities.ct.key=patient_id", FeaturesError, "patient_id"),
        (
            "modalities.scan={kind: volume, column: case_id, encoder: slices}",
            EncoderError,
            "slices",
        ),
        (
            "modalities.scan={kind: volume, column: case_id, encoder: merlin, weights: none.pt}",
            EncoderError,
            r"none\.pt",
        ),
        (
            "modalities.scan={kind: volume, column: ct, encoder: intensity-stats}",
            CohortError,
            "column `ct`: not in the manifest, but named by `modalities.scan`",
        ),
        ("modalities.clinical.columns.cancer={type: boolean}", CohortError, "take it out of"),
        ("cohort.targets.cancer.positive=2", CohortError, "not a declared label of the target"),
        ("cohort.split.stratify_by=x", ConfigError, "`x` is not one of the targets"),
    ],
)
def test_what_does_not_fit_is_told_before_anything_is_computed(check, override, error, message):
    with pytest.raises(error, match=message):
        check(override)


def test_saved_splits_that_are_not_of_this_cohort_are_told(check, tmp_path):
    project = load_project(tmp_path / "mmfeat.yaml")
    open_folds(project, open_cohort(project))
    with pytest.raises(CohortError, match="seed was 0 and is 1"):
        check("cohort.split.seed=1")


def test_no_scan_is_opened(check, tmp_path):
    scans = [f"{number}.nii.gz" for number in range(30)]
    for name in scans:
        (tmp_path / name).write_text("not a scan")
    lines = (tmp_path / "manifest.csv").read_text().splitlines()
    rows = [f"{line},{name}" for line, name in zip(lines, ["scan", *scans], strict=True)]
    (tmp_path / "manifest.csv").write_text("\n".join(rows))
    # Each patient has two cases, but no scan is of two patients.
    summary = check("modalities.scan={kind: volume, column: scan, encoder: intensity-stats}")
    assert summary.modalities["scan"] == 30


def test_embeddings_of_other_cases_only_are_told_as_training_would(check, tmp_path):
    np.savez(tmp_path / "ct.npz", case_id=np.array(["x", "y"]), feature=np.eye(2, dtype="f4"))
    with pytest.raises(FeaturesError, match=r"ct\.npz: none of its ids is a case_id of the manif"):
        check()


def test_cases_without_record_and_embedding_are_told_as_training_would(check, tmp_path):
    lines = (tmp_path / "manifest.csv").read_text().splitlines()
    lines += ["new-1,new,1,", "new-2,new,0,"]
    (tmp_path / "manifest.csv").write_text("\n".join(lines))
    with pytest.raises(CohortError, match=r"manifest\.csv: nothing in any modality for 2 cases"):
        check()
