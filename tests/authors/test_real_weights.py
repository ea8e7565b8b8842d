"""With the published weights, an encoder gives what its authors' own package gives.

Each runs where its weights are on the machine, by `mmfeat encoders fetch` or `add-weights`.
"""

import dataclasses

import numpy as np
import pytest

from mmfeat import encoders
from mmfeat.encoders import weights_on_this_machine
from mmfeat.encoders.testing import made_up_scan

from .networks import AUTHORS
from .packages import of_authors

of_authors("timm")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    pytest.mark.filterwarnings("ignore"),
]
FOUND = {name: weights_on_this_machine(name) for name in AUTHORS}
"""Looked up now: while a test runs, the user's weights are hidden from it."""


@pytest.mark.parametrize("name", AUTHORS)
def test_the_published_weights_give_the_vector_that_the_authors_package_gives(name, given):
    found = FOUND[name]
    if found is None or found.file is None:
        pytest.skip(f"its weights are not on this machine: mmfeat encoders fetch {name}")
    encoder = encoders.create(name, weights=found.file, device="cpu")
    encoder.load()
    scan = made_up_scan((40, 140, 150), (5.0, 2.0, 2.0))
    middle = tuple((scan.affine @ [*(np.array(scan.hu.shape) / 2), 1.0])[:3].tolist())
    windows = encoder.prepare(dataclasses.replace(scan, point_mm=middle))[:2]
    ours = encoder.encode(windows)
    theirs = given(AUTHORS[name](found.file), windows)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)
    assert theirs.std() > 0
