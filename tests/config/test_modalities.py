"""What is kept of a scan, and how many tokens at most."""

import pytest
from pydantic import ValidationError

from mmfeat.config.modalities import VolumeModality

CT = {"kind": "volume", "column": "ct"}


def test_vectors_are_kept_unless_tokens_are_asked_for():
    assert VolumeModality(**CT).features == "vector"
    asked = VolumeModality(**CT, features="tokens")
    assert (asked.features, asked.max_tokens) == ("tokens", 64)


@pytest.mark.parametrize("most", [1, 1024])
def test_the_most_tokens_of_a_scan_can_be_set(most):
    assert VolumeModality(**CT, features="tokens", max_tokens=most).max_tokens == most


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"max_tokens": 9}, "max_tokens: needs `features: tokens`; with `vector` there are none"),
        ({"features": "vector", "max_tokens": 9}, "max_tokens: needs `features: tokens`"),
        ({"features": "tokens", "max_tokens": 0}, "greater than or equal to 1"),
        ({"features": "tokens", "max_tokens": 1025}, "less than or equal to 1024"),
        ({"features": "set"}, "Input should be 'vector' or 'tokens'"),
    ],
)
def test_settings_of_tokens_that_cannot_be_are_refused(settings, message):
    with pytest.raises(ValidationError, match=message):
        VolumeModality(**CT, **settings)
