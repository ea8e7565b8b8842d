from collections.abc import Callable, Mapping, Sequence
from io import StringIO

import numpy as np
import pandas as pd
import pytest

from mmfeat.config.settings import Settings
from mmfeat.config.template import GuessedSettings
from mmfeat.manifest.column_profile import ColumnProfile
from mmfeat.manifest.guessing import guess_settings


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


@pytest.fixture(scope="session")
def text_frame() -> Callable[..., pd.DataFrame]:
    """A function that makes a frame of text from columns; an empty text is a missing cell."""

    def make(columns: Mapping[str, Sequence[object]]) -> pd.DataFrame:
        texts = {name: [str(cell) or np.nan for cell in cells] for name, cells in columns.items()}
        return pd.DataFrame(texts, dtype=object)

    return make


@pytest.fixture(scope="session")
def profiles(text_frame) -> Callable[..., dict[str, ColumnProfile]]:
    """A function that looks at columns as `mmfeat init` does."""

    def make(columns: Mapping[str, Sequence[object]]) -> dict[str, ColumnProfile]:
        frame = text_frame(columns)
        return {name: ColumnProfile.of(frame, name) for name in frame.columns}

    return make


@pytest.fixture(scope="session")
def profile(profiles) -> Callable[..., ColumnProfile]:
    """A function that looks at one column."""

    def make(name: str, cells: Sequence[object]) -> ColumnProfile:
        return profiles({name: cells})[name]

    return make


@pytest.fixture
def guess(text_frame, tmp_path) -> Callable[..., GuessedSettings]:
    """A function that guesses the settings of a table of columns."""

    def make(columns: Mapping[str, Sequence[object]], targets: Sequence[str] = ()):
        return guess_settings(text_frame(columns), folder=tmp_path, targets=targets)

    return make
