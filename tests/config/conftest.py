from collections.abc import Callable
from pathlib import Path

import pytest

from mmfeat.config.loading import Project, load_project


@pytest.fixture
def load(tmp_path) -> Callable[..., Project]:
    """A function that writes good settings with a few lines added, and loads them."""

    def write_and_load(more: str = "", overrides: list[str] | None = None) -> Project:
        file = tmp_path / "run.yaml"
        file.write_text(
            "cohort:\n"
            "  manifest: table.csv\n"
            "  targets:\n"
            "    cancer: {kind: binary, column: cancer}\n"
            "modalities:\n"
            "  ct: {kind: volume, column: ct}\n"
            "  clinical:\n"
            "    kind: table\n"
            "    columns:\n"
            "      age: {type: numeric}\n" + more
        )
        return load_project(Path(file), overrides or [])

    return write_and_load
