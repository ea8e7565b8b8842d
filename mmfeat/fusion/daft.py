"""Method `daft`: the other modalities scale and shift what the network sees of the image."""

from mmfeat.fusion.network_method import NetworkMethod
from mmfeat.fusion.networks.architectures import Architecture
from mmfeat.fusion.networks.daft_network import DaftArchitecture
from mmfeat.fusion.networks.network_inputs import NetworkInputs
from mmfeat.fusion.task import Task


def _design(inputs: NetworkInputs, task: Task) -> Architecture:
    """Scale and shift the first modality that is no record, or else the first one."""
    images = [m for m, name in enumerate(inputs.widths) if name not in inputs.records]
    scaled = images[0] if images else 0
    return inputs.behind_pooling(
        DaftArchitecture(inputs.after_pooling, task.n_outputs, scaled=scaled)
    )


METHOD = NetworkMethod(
    "daft", "the record scales and shifts the image's feature, through a bottleneck (DAFT)", _design
)
