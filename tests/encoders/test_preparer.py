"""What an encoder sees can be looked at before anybody has its weights."""

import numpy as np
import pytest

from mmfeat.encoders.preparer import preparer
from mmfeat.errors import EncoderError

from .published_weights import SMALL_OPTIONS


@pytest.mark.parametrize("name", ["ct-fm", "astra", "vista3d", "voco-h", "medicalnet-10"])
def test_it_prepares_as_the_encoder_with_weights_does(name, make_encoder, scan):
    encoder = make_encoder(name, loaded=False)
    alone = preparer(name, SMALL_OPTIONS[name])
    assert alone.recipe == encoder.recipe
    np.testing.assert_array_equal(alone.prepare(scan), encoder.prepare(scan))


@pytest.mark.parametrize("name", ["slices-lite0", "intensity-stats"])
def test_an_encoder_that_is_no_recipe_has_none(name):
    assert preparer(name, {}) is None


def test_an_option_that_does_not_fit_is_refused():
    with pytest.raises(EncoderError, match="`recipe` must be one of `repo`, `card`, got `cards`"):
        preparer("ct-fm", {"recipe": "cards"})
