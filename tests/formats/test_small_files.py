"""Splits, jobs and records of weights of every released version are read as they were written."""

import shutil

from mmfeat.config.loading import load_project
from mmfeat.launching.job_folder import JobFolder
from mmfeat.provenance import sha256_of_file
from mmfeat.stages.cohort import open_cohort, open_folds
from mmfeat.weights_store.folder import WeightsStore


def test_saved_splits_are_used_again(released, tmp_path):
    shutil.copytree(released / "runs", tmp_path / "runs", ignore=shutil.ignore_patterns("heads"))
    project = load_project(tmp_path / "runs" / "cox.yaml")
    splits = project.path(project.settings.cohort.split.file)
    before = splits.read_bytes()
    folds = open_folds(project, open_cohort(project))
    assert len(folds) == 2
    assert splits.read_bytes() == before
    assert splits.read_bytes() == (tmp_path / "runs" / "cox" / "splits.csv").read_bytes()


def test_jobs_are_looked_at(released):
    (file,) = (released / "jobs").rglob("job.json")
    job = JobFolder.open(file.parent)
    assert (job.record.command, job.record.launcher, job.record.engine) == (
        "train",
        "local",
        {"pid": 4242},
    )
    assert [shard.state.state for shard in job.shards()] == ["done", "running"]
    assert job.record.call.overrides == ("train.epochs=2",)
    assert job.shards()[0].log.read_text() == "shard 0/2\n"


def test_records_of_weights_name_their_file(released):
    record = WeightsStore(released / "weights").record("ct-fm")
    assert record.file == released / "weights" / "ct-fm" / "any.safetensors"
    assert record.sha256 == sha256_of_file(record.file)
    assert (record.trained_on, record.compared_with) == (("IDC",), "SHA-256")
