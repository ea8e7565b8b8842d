"""What lists of record encoders show."""

from dataclasses import dataclass
from importlib.util import find_spec

from mmfeat.config.record_variants import BASIC_ENCODER
from mmfeat.record_encoders import RECORD_ENCODERS, get_record_encoder

_BASIC_SUMMARY = (
    "scaled numbers, flags for unknown, a column for each category; nothing is trained (default)"
)


@dataclass(frozen=True)
class DescribedEncoder:
    """Describe one encoder."""

    name: str
    summary: str
    packages: tuple[str, ...]
    """What it needs beside mmfeat."""
    extra: str | None
    """Extra of mmfeat that installs the packages."""
    installed: bool
    """Whether all of them are here."""


def described_encoders() -> tuple[DescribedEncoder, ...]:
    """Describe every encoder that the settings can name; no package is imported."""
    kinds = [get_record_encoder(name) for name in RECORD_ENCODERS]
    return (
        DescribedEncoder(BASIC_ENCODER, _BASIC_SUMMARY, (), None, installed=True),
        *(
            DescribedEncoder(
                kind.name,
                kind.summary,
                kind.packages,
                kind.extra,
                installed=all(find_spec(package) is not None for package in kind.packages),
            )
            for kind in kinds
        ),
    )
