"""CT-FM's encoder is the class of the authors' package lighter-zoo."""

import numpy as np
import pytest

from ..encoders.random_tensors import random_tensors
from .networks import ct_fm
from .packages import of_authors

lighter_zoo = of_authors("lighter_zoo")

pytestmark = pytest.mark.filterwarnings("ignore")


def test_the_vector_is_the_mean_of_the_last_level_of_lighter_zoos_encoder(
    publish, loaded, image, given
):
    network = lighter_zoo.SegResEncoder(
        spatial_dims=3, in_channels=1, init_filters=32, blocks_down=(1, 2, 2, 4, 4)
    )
    file = publish("model.safetensors", random_tensors(network.state_dict(), seed=1))
    windows = image(2, 24, 32, 48)
    theirs = given(ct_fm(file), windows)
    ours = loaded("ct-fm", file).encode(windows)
    assert ours.shape == (2, 512)
    assert theirs.std() > 0.01
    np.testing.assert_array_equal(ours, theirs)
