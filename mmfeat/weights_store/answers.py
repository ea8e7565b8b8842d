"""Ask a server for a file by http or https, and say in one line why it does not give it."""

import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO
from urllib.parse import urlsplit

import mmfeat
from mmfeat.errors import EncoderError, one_line

_TIMEOUT_S = 30.0
_PART = re.compile(r"bytes (?P<start>\d+)-\d+/(?P<total>\d+)")
_BY_HAND = "fetch the file with a browser and bring it by `mmfeat encoders add-weights`"


@dataclass(frozen=True)
class Answer:
    """An open answer of a server: the rest of a file."""

    body: http.client.HTTPResponse
    start: int
    """The first byte that it brings."""
    total: int | None
    """Size of the whole file."""
    validator: str | None
    etag: str | None


class UnreachableError(EncoderError):
    """A server cannot be reached at all."""


class HttpRefusalError(EncoderError):
    """A server answers with a code that is no success; trying again may help, or not."""

    def __init__(self, message: str, code: int, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.code, self.retry_after_s = code, retry_after_s

    @property
    def may_pass(self) -> bool:
        """Say whether the server itself calls it a matter of time."""
        return self.code in (408, 425, 429) or self.code >= 500


def open_url(url: str, headers: Mapping[str, str], secrets: Mapping[str, str]) -> Answer:
    """Open a file on its server.

    Args:
        url: Its address.
        headers: What to ask with.
        secrets: More of them, for this server only: whoever it redirects to does not get them.

    Raises:
        HttpRefusalError: The server refuses.
        UnreachableError: It cannot be reached.
        EncoderError: The answer is a web page, or makes no sense.
        OSError: The connection broke.
    """
    request = urllib.request.Request(url, headers=dict(headers))
    request.add_header("User-Agent", f"mmfeat/{mmfeat.__version__}")
    request.add_header("Accept-Encoding", "identity")
    for name, value in secrets.items():
        request.add_unredirected_header(name, value)
    try:
        response = _opener().open(request, timeout=_TIMEOUT_S)
    except urllib.error.HTTPError as error:
        raise _refusal(url, error) from error
    except urllib.error.URLError as error:
        raise unreachable(url, error.reason) from error
    return _answer(url, response)


def unreachable(url: str, reason: object) -> UnreachableError:
    """Return the error for a server that cannot be reached, with what to do."""
    return UnreachableError(
        f"{urlsplit(url).netloc}: cannot be reached ({_in_a_line(reason)}); is there a network, or "
        f"a proxy to name in HTTPS_PROXY? On another machine, {_BY_HAND}"
    )


class SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follow redirects, but never from https to anything less."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Return the request that follows a redirect.

        Raises:
            EncoderError: It would leave https.
        """
        allowed = {"https"} if req.type == "https" else {"https", "http"}
        if urlsplit(newurl).scheme not in allowed:
            raise EncoderError(
                f"{req.full_url}: its server redirects to {urlsplit(newurl).scheme}, which is not "
                "safe; fetch the file with a browser if you trust it"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    """Return an opener for http and https, which knows the proxies of the environment."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
        SafeRedirects(),
    ):
        opener.add_handler(handler)
    return opener


def _answer(url: str, response: http.client.HTTPResponse) -> Answer:
    if response.headers.get_content_type() == "text/html":
        response.close()
        raise EncoderError(
            f"{url}: its server answers with a web page instead of the file; open the address in a "
            "browser (it may want an account, or an agreement), and bring the file by `mmfeat "
            "encoders add-weights`"
        )
    etag, length = response.headers.get("ETag"), response.headers.get("Content-Length")
    start, total = 0, None if length is None else int(length)
    if response.status == http.client.PARTIAL_CONTENT:
        part = _PART.fullmatch(response.headers.get("Content-Range", ""))
        if part is None:
            response.close()
            raise EncoderError(f"{url}: its server sends a part without saying which; {_BY_HAND}")
        start, total = int(part["start"]), int(part["total"])
    strong = etag is not None and not etag.startswith("W/")
    validator = etag if strong else response.headers.get("Last-Modified")
    return Answer(response, start, total, validator, etag)


def _refusal(url: str, error: urllib.error.HTTPError) -> HttpRefusalError:
    error.close()
    what = f"{url}: its server answers {error.code} ({error.reason})"
    if error.code in (401, 403):
        todo = f"it may want an account, or a licence to be agreed to; {_BY_HAND}"
    elif error.code in (404, 410):
        todo = f"the file may have moved; look for it where its authors publish, {_BY_HAND}"
    else:
        todo = f"try again later, or {_BY_HAND}"
    after = (error.headers.get("Retry-After") or "") if error.headers else ""
    return HttpRefusalError(
        f"{what}; {todo}", error.code, float(after) if after.isdecimal() else None
    )


def _in_a_line(reason: object) -> str:
    return one_line(reason) if isinstance(reason, BaseException) else str(reason)
