"""A server of files, and folders of this test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mmfeat.weights_store.folder import WeightsStore

from .servers import FileServer, running_server


@pytest.fixture
def server() -> Iterator[FileServer]:
    with running_server() as made:
        yield made


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WeightsStore:
    monkeypatch.setenv("MMFEAT_WEIGHTS", str(tmp_path / "weights"))
    return WeightsStore()


@pytest.fixture
def hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The hub's cache, empty."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"
