"""Method `tnf`: a classifier for each modality and one for all together, averaged."""

from mmfeat.fusion.network_method import NetworkMethod
from mmfeat.fusion.networks.architectures import Architecture
from mmfeat.fusion.networks.network_inputs import NetworkInputs
from mmfeat.fusion.networks.tnf_network import TnfArchitecture
from mmfeat.fusion.task import Task


def _design(inputs: NetworkInputs, task: Task) -> Architecture:
    return inputs.behind_pooling(TnfArchitecture(inputs.after_pooling, task))


METHOD = NetworkMethod(
    "tnf", "one network with a branch for each modality and a fused one, averaged (TNF)", _design
)
