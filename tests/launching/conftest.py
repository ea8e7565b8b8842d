"""A project whose settings say where jobs are."""

from pathlib import Path

import pytest

from mmfeat.config.loading import Project, load_project

from ..stages.extraction_cohort import make_cohort


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return load_project(make_cohort(tmp_path / "cohort", 2).config)
