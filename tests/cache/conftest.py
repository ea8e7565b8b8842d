"""Small real cache folders."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mmfeat.cache import CacheFolder, FeatureRow

IDENTITY = {"encoder": "mean", "weights_sha256": None, "recipe": {"spacing_mm": 1.5, "version": 1}}
WIDTH = 5
TOKEN_SIZE = 3
TOKEN_IDENTITY = {**IDENTITY, "tokens": {"max_tokens": 4, "token_size": TOKEN_SIZE}}


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def make_rows(*numbers: int, source: str = "v1", stat: str = "s1") -> list[FeatureRow]:
    """Rows whose feature follows from the case's number and the version of its source."""
    return [
        FeatureRow(
            case_id=f"case-{number:04d}",
            source_sha256=digest_of(f"{number}{source}"),
            source_stat=stat,
            quality=f'{{"noise_hu":{number}}}',
            feature=np.random.default_rng([number, len(source)]).random(WIDTH, np.float32),
            costs={"read": {"seconds": 0.1, "bytes": 7}},
        )
        for number in numbers
    ]


def make_token_rows(*numbers: int, source: str = "v1", stat: str = "s1") -> list[FeatureRow]:
    """The same rows, with as many tokens as the case's number says, at most 4 and at least 1."""
    return [
        replace(
            row,
            tokens=np.random.default_rng([number, len(source), 1]).random(
                (number % 4 + 1, TOKEN_SIZE), np.float32
            ),
        )
        for number, row in zip(numbers, make_rows(*numbers, source=source, stat=stat), strict=True)
    ]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def folder(root: Path) -> CacheFolder:
    return CacheFolder.open(root, "ct", IDENTITY)


@pytest.fixture
def token_folder(root: Path) -> CacheFolder:
    return CacheFolder.open(root, "ct", TOKEN_IDENTITY)
