"""Servers of files on this machine, which do all that servers do to downloads."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Served:
    """A file, and what its server does wrong."""

    content: bytes
    etag: str | None = '"one"'
    ranges: bool = True
    content_type: str = "application/octet-stream"
    statuses: list[int] = field(default_factory=list)
    """Answers to the next requests, before it is given; 0 gives it."""
    drops: list[int] = field(default_factory=list)
    """How many bytes the next answers send before their connection breaks."""
    said_length: int | None = None
    redirect: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    """Of refusals, and of answers to HEAD."""
    slow_s: float = 0.0
    """Wait after each 64 kB."""


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]

    @property
    def range(self) -> str | None:
        return self.headers.get("range")


class FileServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, Served] = {}
        self.requests: list[Request] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def fetched(self) -> list[Request]:
        """All requests for content, beyond its first byte."""
        return [
            one
            for one in self.requests
            if one.method == "GET" and one.range != "bytes=0-0" and not one.path.startswith("/api/")
        ]

    def handle_error(self, request, client_address):
        """Keep quiet: that clients vanish is what the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FileServer

    def do_HEAD(self) -> None:
        self._answer(send=False)

    def do_GET(self) -> None:
        self._answer(send=True)

    def _answer(self, *, send: bool) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append(Request(self.command, self.path, headers))
        served = self.server.files.get(self.path.partition("?")[0])
        status = 404 if served is None else served.statuses.pop(0) if served.statuses else 0
        if served is None or status:
            self._refuse(status, {} if served is None else served.headers)
        elif served.redirect is not None:
            self._redirect(served, served.redirect)
        elif send:
            self._give(served)
        else:
            self._describe(served)

    def _refuse(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _redirect(self, served: Served, target: str) -> None:
        self.send_response(302)
        for name, value in served.headers.items():
            self.send_header(name, value)
        self.send_header("Location", target)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _describe(self, served: Served) -> None:
        self.send_response(200)
        for name, value in served.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(served.content)))
        self.end_headers()

    def _give(self, served: Served) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        unchanged = self.headers.get("If-Range") in (None, served.etag)
        start, end = 0, len(served.content)
        partial = asked is not None and served.ranges and unchanged
        if partial:
            start = int(asked[1])
            end = int(asked[2]) + 1 if asked[2] else end
            if start >= len(served.content):
                self._refuse(416, {"Content-Range": f"bytes */{len(served.content)}"})
                return
        content = served.content[start:end]
        self.send_response(206 if partial else 200)
        if partial:
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(served.content)}")
        self.send_header("Content-Type", served.content_type)
        if served.etag is not None:
            self.send_header("ETag", served.etag)
        said = len(content) if served.said_length is None or end == 1 else served.said_length
        self.send_header("Content-Length", str(said))
        self.end_headers()
        if end > 1 and served.drops:
            content = content[: served.drops.pop(0)]
            self.close_connection = True
        self._send(content, served.slow_s)
        if said != len(content):
            self.close_connection = True

    def _send(self, content: bytes, slow_s: float) -> None:
        with suppress(ConnectionError):
            for start in range(0, len(content), 1 << 16):
                self.wfile.write(content[start : start + (1 << 16)])
                if slow_s:
                    time.sleep(slow_s)

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@contextmanager
def running_server() -> Iterator[FileServer]:
    with FileServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


COMMIT = "c" * 40


def put_on_hub(
    server: FileServer, repository: str, name: str, content: bytes, *, etag: str, **faults
) -> Served:
    """Serve a file as the hub does: under ``main`` and its commit, with the hub's headers."""
    of_hub = {
        "X-Repo-Commit": COMMIT,
        "X-Linked-Etag": f'"{etag}"',
        "X-Linked-Size": str(len(content)),
        "ETag": f'"{etag}"',
    }
    served = Served(content, headers=of_hub, **faults)
    for revision in ("main", COMMIT):
        server.files[f"/{repository}/resolve/{revision}/{name}"] = served
    return served
