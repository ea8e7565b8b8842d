"""Load the networks, but not the package of the hub, which reads its environment only once.

MONAI would import that; a program that is forked from here has to find its own HF_ENDPOINT.
"""

import sys
from importlib import import_module

_HUB = "huggingface_hub"

sys.modules[_HUB] = None
import_module("mmfeat.encoders.networks.recipe_networks")
del sys.modules[_HUB]
