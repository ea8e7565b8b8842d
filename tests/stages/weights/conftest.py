"""A server, and weights as large as the published ones."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mmfeat.encoders import encoder_class

from ...weights_store.full_files import write_full_weights
from ...weights_store.servers import FileServer, Served, running_server

NAME = "swinunetr-ssl"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    """A mirror of all servers that files are published on."""
    with running_server() as made:
        monkeypatch.setenv("MMFEAT_WEIGHTS_MIRROR", made.address)
        yield made


@pytest.fixture(scope="session")
def weights_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_full_weights(NAME, tmp_path_factory.mktemp("full") / "model_swinvit.pt")


@pytest.fixture
def served(server: FileServer, weights_file: Path) -> Served:
    """The published file on the mirror."""
    (published,) = encoder_class(NAME).weights_source.published
    made = Served(weights_file.read_bytes())
    server.files[f"/{published.url.partition('://')[2]}"] = made
    return made
