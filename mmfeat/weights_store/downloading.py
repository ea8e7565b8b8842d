"""Fetch a file so that nothing that has come is fetched twice, even after a kill.

Our own, on urllib: pooch does not resume, and huggingface_hub 2 removes what has come of a file
when its process ends, so that of three gigabytes over a weak line none may ever arrive.
"""

import http.client
import json
import logging
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from mmfeat.errors import EncoderError, Interrupted, one_line
from mmfeat.progress import Progress
from mmfeat.provenance import write_json
from mmfeat.size_in_words import size_in_words
from mmfeat.weights_store.answers import Answer, HttpRefusalError, UnreachableError
from mmfeat.weights_store.folder import writing_to
from mmfeat.weights_store.remote import RemoteFile, open_from

_log = logging.getLogger(__name__)
_BLOCK_BYTES = 1 << 20
_MOST_FAILURES = 5
"""In a row, without a byte between them."""
_LONGEST_WAIT_S = 60.0
_RANGE_NOT_SATISFIABLE = 416


@dataclass
class Download:
    """Bring one file to a place, byte by byte after those that are there.

    Bytes are written to their own place in the file, so that two processes that do not see each
    other's lock spoil nothing.

    Args:
        remote: The file on its server, as the server has just described it.
        partial: Where it grows; what it grows from is written beside it.
        progress: Is told of every byte.
        should_stop: Says whether the user wants to stop.
        sleep: Waits some seconds.
    """

    remote: RemoteFile
    partial: Path
    progress: Progress
    should_stop: Callable[[], bool]
    sleep: Callable[[float], None] = time.sleep

    def run(self) -> None:
        """Fetch what is missing, over broken connections, until the file has its whole size.

        Raises:
            EncoderError: The server refuses, or the connection breaks again and again.
            Interrupted: The user wants to stop; what has come is kept.
        """
        with writing_to(self.partial.parent):
            self._begin()
        failures = 0
        while True:
            before = self._n_here()
            try:
                if self._continue():
                    self._beside.unlink(missing_ok=True)
                    return
                problem: Exception = OSError(f"the connection ended after {self._so_far()}")
            except (http.client.HTTPException, OSError, UnreachableError) as error:
                problem = error  # the disk's errors are EncoderErrors by now
            except HttpRefusalError as error:
                if not error.may_pass:
                    raise
                problem = error
            failures = 1 if self._n_here() > before else failures + 1
            if failures > _MOST_FAILURES:
                raise self._given_up(problem) from problem
            self._wait(failures, problem)

    @property
    def _beside(self) -> Path:
        return self.partial.with_name(f"{self.partial.name}.json")

    def _n_here(self) -> int:
        return self.partial.stat().st_size if self.partial.is_file() else 0

    def _begin(self) -> None:
        """Keep what is there of this version of the file, and nothing of another."""
        remote = self.remote
        try:
            theirs = json.loads(self._beside.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            theirs = None
        told_apart = remote.validator or remote.revision or remote.sha256 or remote.md5
        too_long = remote.n_bytes is not None and self._n_here() > remote.n_bytes
        if theirs != self._version() or not told_apart or too_long:
            self.partial.unlink(missing_ok=True)
        write_json(self._beside, self._version())

    def _version(self) -> dict[str, str | int | None]:
        """Return what tells this version of the file from others."""
        remote = self.remote
        return {"url": remote.url, "validator": remote.validator, "n_bytes": remote.n_bytes}

    def _continue(self) -> bool:
        """Fetch until the connection ends; say whether the file is whole."""
        start = self._n_here()
        if start and start == self.remote.n_bytes:
            self._tell(start)
            return True
        try:
            answer = open_from(self.remote, start=start)
        except HttpRefusalError as error:
            if error.code != _RANGE_NOT_SATISFIABLE or not start:
                raise
            self.partial.unlink(missing_ok=True)  # it is shorter now, or was never this one
            return False
        with closing(answer.body) as body:
            if answer.start and (answer.start, answer.total) != (start, self.remote.n_bytes):
                self.partial.unlink(missing_ok=True)
                return False
            if not answer.start:
                self._begin_anew(answer)
            self._tell(answer.start)
            n_bytes = self._write(body, answer.start)
        return self.remote.n_bytes is None or n_bytes == self.remote.n_bytes

    def _begin_anew(self, answer: Answer) -> None:
        """Take the whole file as it is now, which may be another version than was asked about."""
        if self.remote.revision is not None:
            return  # a commit never changes, whatever those call its file that the hub redirects to
        self.remote = replace(
            self.remote, n_bytes=answer.total, validator=answer.validator, etag=answer.etag
        )
        with writing_to(self.partial.parent):
            write_json(self._beside, self._version())

    def _write(self, body: http.client.HTTPResponse, start: int) -> int:
        """Write what comes after the bytes that are there; return the size reached."""
        n_bytes = start
        with writing_to(self.partial.parent):
            file = self.partial.open("r+b" if start else "wb")
        with file:
            while block := body.read1(_BLOCK_BYTES):
                with writing_to(self.partial.parent):
                    file.seek(n_bytes)
                    file.write(block)
                    file.flush()
                n_bytes += len(block)
                self.progress.advance(len(block))
                self._stop_if_asked()
        return n_bytes

    def _tell(self, n_here: int) -> None:
        self.progress.start("fetching", self.remote.n_bytes or n_here)
        if n_here:
            self.progress.advance(n_here)

    def _wait(self, failures: int, problem: Exception) -> None:
        asked = problem.retry_after_s if isinstance(problem, HttpRefusalError) else None
        wait_s = min(asked or 2.0**failures / 2, _LONGEST_WAIT_S)
        _log.warning("%s; going on in %.0f s", one_line(problem), wait_s)
        for _ in range(max(round(wait_s), 1)):
            self._stop_if_asked()
            self.sleep(wait_s / max(round(wait_s), 1))

    def _stop_if_asked(self) -> None:
        if self.should_stop():
            raise Interrupted(
                f"{self._so_far()} of the file have come and are kept in {self.partial}; run the "
                "same command again to go on"
            )

    def _so_far(self) -> str:
        total = self.remote.n_bytes
        of_all = "" if total is None else f" of {size_in_words(total)}"
        return f"{size_in_words(self._n_here())}{of_all}"

    def _given_up(self, problem: Exception) -> EncoderError:
        return EncoderError(
            f"{self.remote.url}: the connection broke {_MOST_FAILURES} times in a row "
            f"({one_line(problem)}); {self._so_far()} have come and are kept: run the same command "
            "again to go on"
        )
