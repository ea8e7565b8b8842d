"""One published file with an encoder's weights: which, where, and what is known of its bytes."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from mmfeat.size_in_words import size_in_words

_ON_HUB = "huggingface.co"


@dataclass(frozen=True)
class PublishedFile:
    """Say which file the authors publish, and where: in a repository of the hub, or at an address.

    What is not known stays None; digests are only those that were published or computed.

    Raises:
        ValueError: It is in no place, or in two.

    Example:
        >>> file = PublishedFile("weights/model.pt", hub="someone/a-model", about_bytes=311_000_000)
        >>> file.in_words
        'weights/model.pt of huggingface.co/someone/a-model (311.0 MB)'
        >>> PublishedFile("m.pt", url="https://zenodo.org/records/1/files/m.pt?download=1").in_words
        'm.pt of zenodo.org/records/1/files'
    """

    name: str
    """Its name; on the hub with the folders of the repository that it is in."""
    hub: str | None = None
    """Repository of the Hugging Face hub, ``owner/name``."""
    url: str | None = None
    revision: str | None = None
    """Commit of the repository; None is the newest of ``main``."""
    n_bytes: int | None = None
    """Its exact size."""
    sha256: str | None = None
    md5: str | None = None
    about_bytes: int | None = None
    """Its size to a few digits, to be told before anybody asks the server."""

    def __post_init__(self) -> None:
        if (self.hub is None) == (self.url is None):
            raise ValueError(f"{self.name}: give `hub` or `url`, got {self.hub} and {self.url}")

    @property
    def file_name(self) -> str:
        """Its name without folders."""
        return self.name.rpartition("/")[2]

    @property
    def place(self) -> str:
        """Where it is, for people: a repository, or the folder of an address."""
        if self.url is None:
            return f"{_ON_HUB}/{self.hub}"
        address = urlsplit(self.url)
        return f"{address.netloc}{address.path}".rpartition("/")[0]

    @property
    def in_words(self) -> str:
        """Name, place and size in one phrase."""
        n_bytes = self.n_bytes or self.about_bytes
        size = "" if n_bytes is None else f" ({size_in_words(n_bytes)})"
        return f"{self.name} of {self.place}{size}"
