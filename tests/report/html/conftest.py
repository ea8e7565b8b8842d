"""One small run, trained and evaluated for all tests of its page."""

from pathlib import Path

import pytest

from mmfeat.config.loading import load_project
from mmfeat.progress import Silent
from mmfeat.stages.evaluation.evaluate import evaluate
from mmfeat.stages.training.train import train

from .hostile_cohort import write_hostile_cohort


@pytest.fixture(scope="session")
def hostile_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of a cohort whose names would break a careless page."""
    project = load_project(write_hostile_cohort(tmp_path_factory.mktemp("hostile")))
    train(project, progress=Silent(), should_stop=lambda: False)
    evaluate(project, progress=Silent())
    return project.path(project.settings.train.run)
