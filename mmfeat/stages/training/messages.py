"""What the process that plans a training and those that help it tell each other."""

from dataclasses import dataclass

from mmfeat.fusion.linear_models.unimodal import UnimodalModels
from mmfeat.stages.training.head_order import HeadEpoch, HeadOrder, HeadResult
from mmfeat.stages.training.plan import HeadKey


@dataclass(frozen=True)
class ShowScene:
    """Hand out the data of a scene, as `ArrayFolder` packed it."""

    number: int
    content: bytes


@dataclass(frozen=True)
class ShowLinear:
    """Hand out the linear models of a scene."""

    number: int
    models: UnimodalModels


@dataclass(frozen=True)
class ForgetScene:
    """Say that a scene will not be needed again."""

    number: int


@dataclass(frozen=True)
class Train:
    """Ask for a head of a scene, or for its linear models where no order is given."""

    number: int
    order: HeadOrder | None


@dataclass(frozen=True)
class Stop:
    """Ask to leave; what is in training is kept as it is after its epoch."""


@dataclass(frozen=True)
class Ready:
    """Say that the process has started."""


@dataclass(frozen=True)
class Told:
    """Say how far a head is."""

    key: HeadKey
    epoch: HeadEpoch


@dataclass(frozen=True)
class Finished:
    """Give what a task came to."""

    result: HeadResult | UnimodalModels


@dataclass(frozen=True)
class Stopped:
    """Say that nothing more will come."""


@dataclass(frozen=True)
class Broke:
    """Hand on an error, with its traceback as a note."""

    error: Exception
