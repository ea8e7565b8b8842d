"""Method `masked-transformer`: attention over the modalities that are there, and no others.

Each case shows one random set of its modalities in each step, as published: modality dropout.
"""

from mmfeat.fusion.network_method import NetworkMethod
from mmfeat.fusion.networks.architectures import Architecture
from mmfeat.fusion.networks.masked_transformer_network import MaskedTransformerArchitecture
from mmfeat.fusion.networks.network_inputs import NetworkInputs
from mmfeat.fusion.task import Task


def _design(inputs: NetworkInputs, task: Task) -> Architecture:
    network = MaskedTransformerArchitecture(inputs.after_pooling, task.n_outputs)
    return inputs.behind_pooling(network)


METHOD = NetworkMethod(
    "masked-transformer",
    "transformer whose attention leaves absent modalities out, modality dropout (MARIA)",
    _design,
    draws_views=True,
)
