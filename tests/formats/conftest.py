"""What each released version wrote, unpacked once for all tests."""

import pytest

from .released import VERSIONS, unpack


@pytest.fixture(scope="session", params=VERSIONS)
def released(request, tmp_path_factory):
    """The folder of what a version wrote."""
    return unpack(request.param, tmp_path_factory.mktemp("formats"))
