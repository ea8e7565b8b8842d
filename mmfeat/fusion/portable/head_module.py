"""The torch module that answers as a head does, whichever method made it."""

from torch import nn

from mmfeat.errors import TrainError
from mmfeat.fusion.anchored_head import AnchoredHead
from mmfeat.fusion.boosting_head import BoostingHead
from mmfeat.fusion.contract import Head
from mmfeat.fusion.logistic import LinearHead
from mmfeat.fusion.network_head import NetworkHead
from mmfeat.fusion.portable.boosted import BoostingModule
from mmfeat.fusion.portable.linear import AnchoredModule, LinearModule
from mmfeat.fusion.portable.networks import NetworkModule, SingleModule
from mmfeat.fusion.single import SingleHead


def head_module(head: Head) -> nn.Module:
    """Return a module that takes features and what is visible, and gives the head's answers.

    Its control flow does not depend on values, so that it can be captured; features of a row that
    are not visible may be anything finite.

    Raises:
        TrainError: The head reads sets of scans or tokens, which have no fixed shape, or there are
            too many modalities.
    """
    inputs = head.alone.inputs if isinstance(head, SingleHead) else getattr(head, "inputs", None)
    if inputs is not None and inputs.set_widths:
        raise TrainError(
            "heads that pool sets of scans or tokens by attention have no form for other runtimes; "
            "export another method, or leave out --onnx and --torch-export"
        )
    try:
        return _module(head).eval()
    except ValueError as error:
        raise TrainError(f"{error}; leave out --onnx and --torch-export") from error


def _module(head: Head) -> nn.Module:
    match head:
        case SingleHead():
            return SingleModule(head)
        case NetworkHead():
            return NetworkModule(head)
        case AnchoredHead():
            return AnchoredModule(head)
        case LinearHead():
            return LinearModule(head)
        case BoostingHead():
            return BoostingModule(head)
    raise TrainError(f"{type(head).__name__}: has no form for other runtimes")
