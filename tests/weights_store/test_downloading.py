"""A download survives broken connections and kills, and never gives a mixture of two files."""

import json
import logging
import urllib.request

import pytest

from mmfeat.errors import EncoderError, Interrupted
from mmfeat.weights_store.answers import SafeRedirects, open_url
from mmfeat.weights_store.downloading import Download
from mmfeat.weights_store.published import PublishedFile
from mmfeat.weights_store.remote import ask_address

from .servers import Served

CONTENT = bytes(range(256)) * 4000  # about a megabyte, in which every place looks different
OTHER = CONTENT[::-1]
PATH = "/example.org/files/m.pt"


class Counted:
    """Count the bytes of the newest task."""

    def __init__(self):
        self.tasks = []
        self.n_bytes = 0

    def start(self, task, total):
        self.tasks.append((task, total))
        self.n_bytes = 0

    def advance(self, steps=1, note=""):
        self.n_bytes += steps


class Waits:
    """Note how long was waited, and wait no moment."""

    def __init__(self):
        self.seconds = []

    def __call__(self, seconds):
        self.seconds.append(seconds)


@pytest.fixture
def ask(server, monkeypatch):
    """A function that asks the server, by way of the mirror that the environment names."""
    monkeypatch.setenv("MMFEAT_WEIGHTS_MIRROR", f"{server.address}/")

    def run(**known):
        return ask_address(PublishedFile("m.pt", url=f"https:/{PATH}", **known))

    return run


@pytest.fixture
def serve(server):
    def run(content=CONTENT, **faults) -> Served:
        server.files[PATH] = served = Served(content, **faults)
        return served

    return run


@pytest.fixture
def download(ask, tmp_path):
    """A function that asks for the file and fetches it; returns the Download."""

    def run(should_stop=lambda: False, **known) -> Download:
        made = Download(
            ask(**known), tmp_path / "folder" / "m.partial", Counted(), should_stop, Waits()
        )
        made.run()
        return made

    return run


def test_a_file_comes_whole_with_its_bytes_counted(server, serve, download):
    serve()
    made = download()
    assert made.partial.read_bytes() == CONTENT
    assert made.progress.tasks == [("fetching", len(CONTENT))]
    assert made.progress.n_bytes == len(CONTENT)
    assert [one.name for one in made.partial.parent.iterdir()] == ["m.partial"]
    assert server.requests[0].headers["user-agent"].startswith("mmfeat/")
    assert server.requests[0].headers["accept-encoding"] == "identity"


def test_broken_connections_go_on_where_they_broke(server, serve, download, caplog):
    serve(drops=[300_000, 0, 200_000])
    made = download()
    assert made.partial.read_bytes() == CONTENT
    first, second, *others = server.fetched
    assert first.range is None
    assert second.range == "bytes=300000-"
    assert second.headers["if-range"] == '"one"'
    assert [one.range for one in others] == ["bytes=300000-", "bytes=500000-"]
    assert made.progress.n_bytes == len(CONTENT)
    assert "0.3 MB of 1.0 MB; going on in 1 s" in caplog.text
    assert made.sleep.seconds[0] == 1.0


def test_a_connection_that_breaks_again_and_again_is_given_up_and_gone_on_with_later(
    server, serve, download, tmp_path
):
    served = serve(drops=[1000, *[0] * 9])
    with pytest.raises(EncoderError, match=r"broke 5 times in a row .* run the same command again"):
        download()
    served.drops.clear()
    assert download().partial.read_bytes() == CONTENT
    assert server.fetched[-1].range == "bytes=1000-"


def test_waits_get_longer_while_nothing_comes(serve, download):
    serve(statuses=[0, 503, 503, 503])
    assert sum(download().sleep.seconds) == pytest.approx(1 + 2 + 4)


def test_a_server_that_says_how_long_to_wait_is_waited_for(serve, download):
    serve(statuses=[0, 429], headers={"Retry-After": "7"})
    assert sum(download().sleep.seconds) == pytest.approx(7)


def test_a_file_that_changed_between_two_runs_is_fetched_from_its_beginning(
    server, serve, download
):
    served = serve(drops=[300_000, *[0] * 9])
    with pytest.raises(EncoderError, match="broke 5 times"):
        download()
    served.content, served.etag = OTHER, '"two"'
    served.drops.clear()
    assert download().partial.read_bytes() == OTHER
    assert server.fetched[-1].range is None


def test_a_file_that_changes_amid_a_run_is_fetched_from_its_beginning(server, serve, download):
    served = serve(drops=[300_000])
    asked = []

    def change():
        asked.append(1)
        if len(asked) > 1:
            served.content, served.etag = OTHER + b"longer", '"two"'
        return False

    made = download(should_stop=change)
    assert made.partial.read_bytes() == OTHER + b"longer"
    assert server.fetched[-1].headers["if-range"] == '"one"'
    assert made.progress.tasks[-1] == ("fetching", len(OTHER) + 6)


def test_what_has_come_of_a_file_without_a_version_is_not_trusted(server, serve, download):
    served = serve(etag=None, drops=[300_000, *[0] * 9])
    with pytest.raises(EncoderError, match="broke 5 times"):
        download()
    served.drops.clear()
    assert download().partial.read_bytes() == CONTENT
    assert server.fetched[-1].range is None


def test_a_published_digest_lets_it_go_on_without_a_version(server, serve, download):
    served = serve(etag=None, drops=[300_000, *[0] * 9])
    with pytest.raises(EncoderError, match="broke 5 times"):
        download(md5="0" * 32)
    served.drops.clear()
    assert download(md5="0" * 32).partial.read_bytes() == CONTENT
    assert server.fetched[-1].range == "bytes=300000-"


def test_a_server_that_knows_no_parts_sends_all_again(serve, download):
    serve(ranges=False, drops=[300_000])
    made = download()
    assert made.partial.read_bytes() == CONTENT
    assert made.progress.n_bytes == len(CONTENT)


def test_a_server_that_promises_more_than_it_has_is_not_believed(serve, download):
    serve(ranges=False, said_length=len(CONTENT) + 100)
    with pytest.raises(EncoderError, match=r"broke 5 times in a row"):
        download()


def test_more_bytes_than_the_file_has_are_thrown_away(serve, download, tmp_path, ask):
    serve()
    remote = ask()
    partial = tmp_path / "folder" / "m.partial"
    partial.parent.mkdir()
    partial.write_bytes(CONTENT + b"more")
    version = {"url": remote.url, "validator": '"one"', "n_bytes": len(CONTENT)}
    partial.with_name("m.partial.json").write_text(json.dumps(version))
    assert download().partial.read_bytes() == CONTENT


def test_a_whole_file_that_was_not_checked_yet_is_not_fetched_again(server, serve, download, ask):
    serve()
    partial = download().partial
    version = {"url": ask().url, "validator": '"one"', "n_bytes": len(CONTENT)}
    partial.with_name("m.partial.json").write_text(json.dumps(version))
    n_fetched = len(server.fetched)
    made = download()
    assert made.partial.read_bytes() == CONTENT
    assert len(server.fetched) == n_fetched
    assert made.progress.n_bytes == len(CONTENT)


def test_a_stop_keeps_what_has_come_and_says_where(serve, download, tmp_path):
    serve()
    with pytest.raises(Interrupted, match=r"m\.partial; run the same command again"):
        download(should_stop=lambda: True)
    assert CONTENT.startswith((tmp_path / "folder" / "m.partial").read_bytes())
    assert download().partial.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("status", "todo"),
    [
        (401, "may want an account, or a licence to be agreed to; fetch the file with a browser"),
        (403, "may want an account, or a licence to be agreed to; fetch the file with a browser"),
        (404, "the file may have moved; look for it where its authors publish"),
        (410, "the file may have moved"),
        (500, "try again later, or fetch the file with a browser"),
    ],
)
def test_a_refusal_says_what_to_do_in_one_line(ask, serve, status, todo):
    serve(statuses=[status])
    with pytest.raises(EncoderError, match=f"answers {status} ") as caught:
        ask()
    assert todo in str(caught.value)
    assert "`mmfeat encoders add-weights`" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_refusal_amid_a_download_that_will_not_pass_ends_it_at_once(serve, download):
    serve(statuses=[0, 403])
    with pytest.raises(EncoderError, match="answers 403"):
        download()


def test_a_web_page_is_no_file(ask, serve):
    serve(b"<html>sign in</html>", content_type="text/html; charset=utf-8")
    with pytest.raises(EncoderError, match="answers with a web page instead of the file"):
        ask()


def test_nobody_who_listens_is_one_line_that_names_the_proxy(monkeypatch):
    monkeypatch.setenv("MMFEAT_WEIGHTS_MIRROR", "http://127.0.0.1:9")
    with pytest.raises(EncoderError, match=r"127\.0\.0\.1:9: cannot be reached .*HTTPS_PROXY"):
        ask_address(PublishedFile("m.pt", url="https://example.org/m.pt"))


def test_a_redirect_is_followed_without_the_secrets(server, serve, monkeypatch, ask):
    serve()
    server.files["/moved"] = Served(b"", redirect=f"{server.address}{PATH}")
    answer = open_url(f"{server.address}/moved", {"Range": "bytes=0-9"}, {"Authorization": "x"})
    with answer.body as body:
        assert body.read() == CONTENT[:10]
    first, second = server.requests
    assert first.headers["authorization"] == "x"
    assert "authorization" not in second.headers
    assert second.range == "bytes=0-9"


def test_a_redirect_to_a_file_of_this_machine_is_refused(server):
    server.files["/moved"] = Served(b"", redirect="file:///etc/passwd")
    with pytest.raises(EncoderError, match=r"answers 302 .*file:///etc/passwd' is not allowed"):
        open_url(f"{server.address}/moved", {}, {})


def test_a_redirect_from_https_to_http_is_refused():
    asked = urllib.request.Request("https://example.org/m.pt")
    with pytest.raises(
        EncoderError, match=r"m\.pt: its server redirects to http, which is not safe"
    ):
        SafeRedirects().redirect_request(asked, None, 302, "", None, "http://example.org/m.pt")


def test_a_mirror_that_is_no_address_is_refused(monkeypatch):
    monkeypatch.setenv("MMFEAT_WEIGHTS_MIRROR", "/mnt/mirror")
    with pytest.raises(EncoderError, match="MMFEAT_WEIGHTS_MIRROR=/mnt/mirror: must begin with"):
        ask_address(PublishedFile("m.pt", url="https://example.org/m.pt"))


def test_offline_nobody_is_asked(monkeypatch, ask, serve, server):
    serve()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(EncoderError, match="not asked, since HF_HUB_OFFLINE"):
        ask()
    assert server.requests == []


def test_a_full_disk_is_one_line_and_keeps_what_came(
    serve, download, monkeypatch, tmp_path, caplog
):
    """The limit on a file's size stands for the disk's."""
    import resource
    import signal

    caplog.set_level(logging.INFO)
    serve()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, before[1]))
    try:
        with pytest.raises(EncoderError, match=r"cannot be written to .*File too large.* is kept"):
            download()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert (tmp_path / "folder" / "m.partial").stat().st_size == 300_000
    assert download().partial.read_bytes() == CONTENT
