"""Prove that a file holds an encoder's weights, and write down what it is."""

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import mmfeat
from mmfeat import encoders
from mmfeat.encoders.recipe import ModelFacts
from mmfeat.errors import EncoderError
from mmfeat.weights_store.digests import compare
from mmfeat.weights_store.published import PublishedFile
from mmfeat.weights_store.record import WeightsRecord


@dataclasses.dataclass(frozen=True)
class Origin:
    """Say where a file came from."""

    source: str
    revision: str | None = None
    etag: str | None = None


def proven_weights(
    encoder: str, file: Path, published: Sequence[PublishedFile], origin: Origin
) -> WeightsRecord:
    """Load a file as an extraction would, every tensor of it, and return what is to be remembered.

    Nothing but tensors is read of it, so a web page, a torn file and a foreign network are found
    out here, and no code in it is run.

    Args:
        encoder: Whose weights it ought to hold.
        file: The file.
        published: The published files that it may be one of.
        origin: Where it came from.

    Raises:
        EncoderError: It is another file than the published ones, or does not fit the encoder.
    """
    comparison = compare(file, published)
    if comparison.difference is not None:
        raise EncoderError(comparison.difference)
    made = encoders.create(encoder, weights=file, device="cpu")
    made.load()
    facts = facts_of(encoder)
    return WeightsRecord(
        encoder=encoder,
        file=file,
        source=origin.source,
        revision=origin.revision,
        etag=origin.etag,
        n_bytes=file.stat().st_size,
        sha256=str(made.weights_sha256),
        compared_with=", ".join(comparison.equal) or None,
        code_licence=facts.code_licence,
        weights_licence=facts.weights_licence,
        trained_on=facts.trained_on,
        added=datetime.now(UTC).isoformat(timespec="seconds"),
        added_by=mmfeat.__version__,
    )


def facts_of(encoder: str) -> ModelFacts:
    """Return what to know before using an encoder.

    Raises:
        EncoderError: There is no such encoder.
    """
    facts: ModelFacts = encoders.encoder_class(encoder).facts
    return facts
