"""Encoders whose networks are in packages keep the contract of all encoders."""

import pytest
from safetensors.torch import save_file

from mmfeat.encoders import encoder_class
from mmfeat.encoders.networks.recipe_networks import build
from mmfeat.encoders.testing import check_encoder

from ..encoders.random_tensors import random_tensors
from .packages import of_authors

of_authors("spectre")
of_authors("dynamic_network_architectures.architectures.primus")

pytestmark = pytest.mark.filterwarnings("ignore")
SMALL = {
    "spectre": {"width": 192},
    "spectre-crops": {"width": 192},
    "colipri": {"width": 192, "shrink": 4},
}


@pytest.mark.parametrize("name", SMALL)
def test_it_keeps_the_contract(name, tmp_path):
    kind = encoder_class(name)
    options = SMALL[name]
    size = kind.preparation_of(_defaults(kind) | options).size
    shapes = build(kind.model.network, options["width"], size).encoder.state_dict()
    save_file(random_tensors(shapes, seed=1), tmp_path / "model.safetensors")
    check_encoder(name, weights=tmp_path / "model.safetensors", options=options)


def _defaults(kind):
    return {name: option.default for name, option in kind.options.items()}
