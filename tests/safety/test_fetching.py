"""Fetching from the hub by its own package: refusals, kills, several at once, full disks."""

import dataclasses
import hashlib
import json
import signal
import time
from pathlib import Path

import huggingface_hub
import pytest

from ..stages.extraction_cohort import make_cohort
from ..weights_store.full_files import write_full_weights
from ..weights_store.servers import COMMIT, FileServer, put_on_hub, running_server
from .no_locks import NO_LOCKS
from .programs import ProgramHost

NAME = "suprem-segresnet"
REPOSITORY = "MrGiovanni/SuPreM"
FILE = "supervised_suprem_segresnet_2100.pth"
NO_CONNECTIONS = """
import socket

def refuse(*arguments, **options):
    raise AssertionError("the network is used")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
"""
FETCH = ("encoders", "fetch", NAME, "--yes")


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    """Start programs that have the networks loaded, too, but not the package of the hub."""
    made = ProgramHost(tmp_path_factory.mktemp("programs"), "networks_without_hub")
    yield made
    made.close()


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    return write_full_weights(NAME, tmp_path_factory.mktemp("full") / FILE).read_bytes()


@dataclasses.dataclass(frozen=True)
class Hub:
    """A server that answers as the hub does, and a machine with no weights yet."""

    server: FileServer
    folder: Path
    content: bytes

    @property
    def environment(self):
        return {
            "HF_ENDPOINT": self.server.address,
            "HF_HOME": str(self.folder / "hf"),
            "MMFEAT_WEIGHTS": str(self.folder / "weights"),
        }

    @property
    def cache(self):
        return self.folder / "hf" / "hub"

    @property
    def partials(self):
        return list(self.cache.glob("*/blobs/*.partial"))

    def serve(self, content=None, **faults):
        content = self.content if content is None else content
        etag = hashlib.sha256(self.content).hexdigest()
        return put_on_hub(self.server, REPOSITORY, FILE, content, etag=etag, **faults)

    def check_fetched(self):
        """Check that the weights are whole, remembered, and found by the hub's own package."""
        theirs = Path(
            huggingface_hub.hf_hub_download(
                REPOSITORY, FILE, cache_dir=self.cache, local_files_only=True
            )
        )
        assert theirs.read_bytes() == self.content
        record = json.loads((self.folder / "weights" / NAME / "weights.json").read_text())
        assert record["file"] == str(theirs)
        assert record["revision"] == COMMIT
        assert record["compared_with"] == "SHA-256"
        assert self.partials == []


@pytest.fixture
def hub(tmp_path, content):
    with running_server() as server:
        yield Hub(server, tmp_path, content)


@pytest.fixture
def start(host, hub):
    """A function that starts the fetching in a process of its own."""

    def run(*arguments, before="", **environment):
        command = arguments or FETCH
        return host.start(
            *command, folder=hub.folder, before=before, environment=hub.environment | environment
        )

    return run


def test_weights_come_from_the_hub_by_its_own_package_and_serve_it(hub, start):
    hub.serve(drops=[1_000_000])
    ended = start(HF_TOKEN="hf_secret").wait()
    assert ended.code == 0, ended.err
    hub.check_fetched()
    asked, *fetched = [one for one in hub.server.requests if "/resolve/" in one.path]
    assert (asked.method, asked.path) == ("HEAD", f"/{REPOSITORY}/resolve/main/{FILE}")
    assert [one.path for one in fetched] == [f"/{REPOSITORY}/resolve/{COMMIT}/{FILE}"] * 2
    assert all(one.headers["authorization"] == "Bearer hf_secret" for one in fetched)
    assert "hf_secret" not in ended.out + ended.err
    assert start().wait().out.startswith(f"{NAME}: already here, in {hub.cache}")


def test_the_token_does_not_go_to_where_the_hub_redirects(hub, start):
    with running_server() as other:
        other.files["/blob"] = hub.serve()
        hub.serve(redirect=f"{other.address}/blob")
        assert start(HF_TOKEN="hf_secret").wait().code == 0
        (request,) = other.fetched
    assert "authorization" not in request.headers
    hub.check_fetched()


def test_what_the_hub_has_fetched_itself_is_proven_and_not_fetched_again(hub, start):
    hub.serve()
    huggingface_hub.hf_hub_download(
        REPOSITORY, FILE, cache_dir=hub.cache, endpoint=hub.server.address
    )
    n_requests = len(hub.server.requests)
    ended = start(HF_HUB_OFFLINE="1").wait()
    assert ended.code == 0, ended.err
    assert len(hub.server.requests) == n_requests
    record = json.loads((hub.folder / "weights" / NAME / "weights.json").read_text())
    assert record["source"] == "the hub's cache"


@pytest.mark.parametrize(
    ("status", "code", "todo"),
    [
        (403, "GatedRepo", f"want an agreement: sign in at https://huggingface.co/{REPOSITORY}"),
        (401, "GatedRepo", "agree there, then `hf auth login` (or HF_TOKEN)"),
        (401, "RepoNotFound", "there is no such repository, or it is private: `hf auth login`"),
        (404, "EntryNotFound", "the file may have moved: look at https://huggingface.co/"),
        (404, "RevisionNotFound", "the file may have moved"),
        (500, "", "try again later"),
    ],
)
def test_a_refusal_of_the_hub_is_one_line_with_what_to_do(hub, start, status, code, todo):
    hub.serve(statuses=[status] * 9).headers["X-Error-Code"] = code
    ended = start().wait()
    assert ended.code == 2
    assert f"{FILE} of huggingface.co/{REPOSITORY}: the hub answers {status}; " in ended.error
    assert todo in ended.error


def test_a_server_that_is_not_the_hub_is_one_line(hub, start):
    hub.serve().headers.clear()
    ended = start().wait()
    assert ended.code == 2
    assert "does not answer as the hub does; is HF_ENDPOINT right?" in ended.error


def test_no_network_is_one_line_that_says_what_else_can_be_done(start):
    ended = start(HF_ENDPOINT="http://127.0.0.1:9").wait()
    assert ended.code == 2
    assert "127.0.0.1:9: cannot be reached" in ended.error
    assert "`mmfeat encoders add-weights`" in ended.error


def test_offline_nobody_is_asked(hub, start):
    hub.serve()
    ended = start(HF_HUB_OFFLINE="1").wait()
    assert ended.code == 2
    assert "not asked, since HF_HUB_OFFLINE" in ended.error
    assert hub.server.requests == []


def test_without_the_hub_s_package_it_says_how_to_get_that(start):
    ended = start(before="import sys\nsys.modules['huggingface_hub'] = None\n").wait()
    assert ended.code == 2
    assert 'to fetch from the hub, pip install "mmfeat[hub]"' in ended.error


def test_bytes_that_changed_on_the_way_are_found_out(hub, start):
    served = hub.serve()
    served.content = hub.content[:-1] + b"x"
    ended = start().wait()
    assert ended.code == 2
    assert "what came are not the weights" in ended.error
    assert "SHA-256" in ended.error
    assert hub.partials == []


def _wait_for_bytes(hub, program):
    while not any(partial.stat().st_size > 3_000_000 for partial in hub.partials):
        assert program.is_running()
        time.sleep(0.02)


def test_after_a_kill_only_the_rest_is_fetched(hub, start):
    served = hub.serve(slow_s=0.01)
    program = start()
    _wait_for_bytes(hub, program)
    program.send(signal.SIGKILL)
    assert program.wait().code == -signal.SIGKILL
    (partial,) = hub.partials
    here = partial.stat().st_size
    served.slow_s = 0
    assert start().wait().code == 0
    assert hub.server.fetched[-1].range == f"bytes={here}-"
    hub.check_fetched()


def test_a_polite_stop_says_what_is_kept_and_where(hub, start):
    hub.serve(slow_s=0.01)
    program = start()
    _wait_for_bytes(hub, program)
    program.send(signal.SIGINT)
    ended = program.wait()
    assert ended.code == 75
    assert "run the same command again to go on" in ended.err
    assert len(hub.partials) == 1


@pytest.mark.parametrize("before", ["", NO_LOCKS], ids=["locks", "no locks"])
def test_of_several_at_once_one_fetches_and_the_others_find_it(hub, start, before):
    hub.serve(slow_s=0.005)
    ended = [program.wait() for program in [start(before=before) for _ in range(3)]]
    assert [one.code for one in ended] == [0, 0, 0], [one.err for one in ended]
    hub.check_fetched()
    assert len(hub.server.fetched) == 1
    assert sum("already here" in one.out for one in ended) == 2
    assert sum("another process is fetching this file" in one.err for one in ended) == 2


def test_a_kill_of_one_lets_another_go_on_where_it_was(hub, start):
    hub.serve(slow_s=0.01)
    first = start()
    _wait_for_bytes(hub, first)
    second = start()
    time.sleep(2.0)
    assert second.is_running()
    first.send(signal.SIGKILL)
    assert second.wait().code == 0
    assert hub.server.fetched[-1].range is not None
    hub.check_fetched()


def test_a_full_disk_is_one_line_and_after_making_room_only_the_rest_comes(hub, start):
    limited = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (5_000_000, -1))\n"
    hub.serve()
    ended = start(before=limited).wait()
    assert ended.code == 2
    assert "File too large" in ended.error
    assert "HF_HOME" in ended.error
    assert start().wait().code == 0
    assert hub.server.fetched[-1].range == "bytes=5000000-"
    hub.check_fetched()


def test_an_extraction_finds_the_fetched_weights_and_uses_no_network(hub, start):
    hub.serve()
    assert start().wait().code == 0
    hub.server.requests.clear()
    settings = f"{NAME}, options: {{shrink: 3}}"
    cohort = make_cohort(hub.folder / "cohort", 2, encoder=settings)
    command = ("extract", str(cohort.config))
    ended = start(*command, before=NO_CONNECTIONS).wait()
    assert ended.code == 0, ended.err
    assert hub.server.requests == []
    digest = hashlib.sha256(hub.content).hexdigest()
    (recipe,) = cohort.folder.glob("cache/ct/*/recipe.json")
    assert json.loads(recipe.read_text())["weights_sha256"] == digest
    assert start(*FETCH, "--overwrite", before=NO_CONNECTIONS).wait().code == 1  # it does refuse
