"""Ask the Hugging Face hub for a file, through its own package.

The package knows accounts (HF_TOKEN, or what `hf auth login` stored), other servers (HF_ENDPOINT),
offline mode and the hub's errors. The bytes are fetched by `downloading`, which says why.
"""

import http.client
from typing import TYPE_CHECKING

import mmfeat
from mmfeat.errors import EncoderError, one_line
from mmfeat.weights_store.answers import unreachable
from mmfeat.weights_store.published import PublishedFile
from mmfeat.weights_store.remote import RemoteFile, refuse_offline

if TYPE_CHECKING:
    from huggingface_hub.errors import HfHubHTTPError

_SHA256_LENGTH = 64


def ask_hub(published: PublishedFile) -> RemoteFile:
    """Ask the hub for a file's size, digest and commit, without fetching it.

    Raises:
        EncoderError: The package is missing, there is no network, or the hub refuses; the message
            says what to do.
    """
    try:
        from huggingface_hub import get_hf_file_metadata, hf_hub_url
        from huggingface_hub.errors import HfHubHTTPError
        from huggingface_hub.errors import HTTPError as ClientError  # type: ignore[attr-defined]
        from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]
    except ModuleNotFoundError as error:
        raise EncoderError(
            f'{published.in_words}: to fetch from the hub, pip install "mmfeat[hub]"; or fetch the '
            "file with a browser and bring it by `mmfeat encoders add-weights`"
        ) from error
    repository = published.hub or ""
    url = hf_hub_url(repository, published.name, revision=published.revision)
    refuse_offline(url)
    try:
        seen = get_hf_file_metadata(url, library_name="mmfeat", library_version=mmfeat.__version__)
    except HfHubHTTPError as error:
        raise _refused(published, error) from error
    except (ClientError, OSError) as error:
        raise unreachable(url, error) from error
    if seen.commit_hash is None or seen.etag is None:
        raise EncoderError(
            f"{url}: this server does not answer as the hub does; is HF_ENDPOINT right?"
        )
    headers = build_hf_headers(library_name="mmfeat", library_version=mmfeat.__version__)
    token = headers.get("authorization")
    is_digest = len(seen.etag) == _SHA256_LENGTH
    return RemoteFile(
        hf_hub_url(repository, published.name, revision=seen.commit_hash),
        n_bytes=seen.size,
        validator=None,  # a commit's file never changes, and the hub passes on to other servers
        revision=seen.commit_hash,
        etag=seen.etag,
        sha256=published.sha256 or (seen.etag if is_digest else None),
        md5=published.md5,
        secret_headers={} if token is None else {"Authorization": token},
    )


def _refused(published: PublishedFile, error: "HfHubHTTPError") -> EncoderError:
    from huggingface_hub.errors import GatedRepoError

    place, code = published.place, error.response.status_code
    if isinstance(error, GatedRepoError):
        todo = (
            f"its authors want an agreement: sign in at https://{place}, agree there, then "
            "`hf auth login` (or HF_TOKEN) and the same command again"
        )
    elif code in (http.client.UNAUTHORIZED, http.client.FORBIDDEN):
        todo = (
            "there is no such repository, or it is private: `hf auth login` (or HF_TOKEN) with an "
            f"account that may see https://{place}"
        )
    elif code == http.client.NOT_FOUND:
        todo = (
            f"the file may have moved: look at https://{place}, and bring it by `mmfeat encoders "
            "add-weights`"
        )
    else:
        todo = f"try again later ({one_line(error)})"
    return EncoderError(f"{published.name} of {place}: the hub answers {code}; {todo}")
