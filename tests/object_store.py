"""A server that speaks the protocol of S3, and a bucket on it, for tests of what is at URLs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@contextmanager
def served_store() -> Iterator[str]:
    """Run moto's S3 on a free port of this machine and give its address."""
    server = pytest.importorskip("moto.server").ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"
    server.stop()


@dataclass(frozen=True)
class Bucket:
    """A bucket of its own for one test."""

    name: str
    address: str
    """Of the server, which shows public files at ``<address>/<bucket>/<key>``."""
    files: Any
    """The file system of s3fs."""

    @property
    def url(self) -> str:
        return f"s3://{self.name}"

    def put(self, key: str, content: bytes | Path) -> str:
        """Store bytes, a file or a folder; return the URL."""
        if isinstance(content, bytes):
            self.files.pipe_file(f"{self.name}/{key}", content)
        else:
            for file in [content] if content.is_file() else sorted(content.rglob("*")):
                place = key if file == content else f"{key}/{file.relative_to(content)}"
                if file.is_file():
                    self.files.pipe_file(f"{self.name}/{place}", file.read_bytes())
        return f"{self.url}/{key}"

    def published(self, key: str) -> str:
        """Let everybody read a file; return its address on the web."""
        self.files.chmod(f"{self.name}/{key}", "public-read")
        return f"{self.address}/{self.name}/{key}"

    def remove(self, key: str) -> None:
        """Take a file out."""
        self.files.rm_file(f"{self.name}/{key}")
