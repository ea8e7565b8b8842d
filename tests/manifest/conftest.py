from collections.abc import Callable
from io import StringIO

import pandas as pd
import pytest

from mmfeat.config.settings import Settings


@pytest.fixture(scope="session")
def frame() -> Callable[[str], pd.DataFrame]:
    """A function that makes a frame of text from lines of CSV, as `read_manifest` would."""

    def make(text: str) -> pd.DataFrame:
        return pd.read_csv(StringIO(text), dtype=object, skipinitialspace=True)

    return make


@pytest.fixture(scope="session")
def settings() -> Callable[..., Settings]:
    """A function that makes settings with the given parts of the cohort and modalities."""

    def make(modalities=None, targets=None, **cohort) -> Settings:
        return Settings.model_validate(
            {
                "cohort": {
                    "manifest": "table.csv",
                    "targets": targets or {"y": {"kind": "binary", "column": "y"}},
                    **cohort,
                },
                "modalities": modalities
                or {"clinical": {"kind": "table", "columns": {"age": {"type": "numeric"}}}},
            }
        )

    return make
