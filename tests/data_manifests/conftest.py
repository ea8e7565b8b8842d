"""The made-up download of the cohort that a test file is about: its ``WAY``, name and variant."""

import pandas as pd
import pytest

from mmfeat.public_cohorts.built import BuiltCohort

from .downloads import Download, copied, written


@pytest.fixture(scope="module")
def sample(request, tmp_path_factory) -> Download:
    cohort, variant = request.module.WAY
    return written(cohort, tmp_path_factory.mktemp(cohort) / "download", variant)


@pytest.fixture(scope="module")
def built(sample) -> BuiltCohort:
    return sample.build()


@pytest.fixture(scope="module")
def table(built) -> pd.DataFrame:
    return built.table.set_index("case_id", drop=False)


@pytest.fixture
def download(sample, tmp_path) -> Download:
    """A copy that a test may change."""
    return copied(sample, tmp_path / "download")
