"""What is compared: every method of the table of names, and the default without a part of it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from benchmarks.methods.terms import (
    AdditiveArchitecture,
    ContrastFirst,
    Distillation,
    Ranking,
    SetTokensArchitecture,
    ViewAverage,
    WithoutNetwork,
)
from mmfeat.fusion import METHODS, get_method
from mmfeat.fusion.anchored import METHOD as MMFEAT
from mmfeat.fusion.contract import FitOptions, Method
from mmfeat.fusion.linear_models.anchor import AnchorDesign
from mmfeat.fusion.networks.architectures import Architecture
from mmfeat.fusion.networks.network_inputs import NetworkInputs
from mmfeat.fusion.task import Task

DEFAULT = "mmfeat"
REFERENCES = "average", "logistic", "random-dropout"
"""What the default is compared with in every repeat."""
ABLATION_COHORTS = (
    "tiny",
    "suppressed",
    "interacting",
    "curved",
    "three",
    "wide-512",
    "diabetes",
    "demo",
)
_LEFT_OUT = "image-only", "table-only", "attention"
"""A modality alone is what `average` gives where only it is seen; nothing here has sets."""


@dataclass(frozen=True)
class Contender:
    """Say how one head is fitted."""

    name: str
    make: Callable[[], Method]
    hides_cells: bool = True
    """Whether training hides cells of records, as `train.cell_dropout` says."""
    options: FitOptions = field(default_factory=FitOptions)
    says: str = ""
    """Of an ablation, what it is without, or what it tries."""


def every_method() -> list[Contender]:
    """Return the methods of the table, the default and its references first."""
    names = [name for name in METHODS if not any(word in name for word in _LEFT_OUT)]
    first = [DEFAULT, *REFERENCES]
    ordered = [*first, *(name for name in names if name not in first)]
    return [Contender(name, lambda name=name: get_method(name)) for name in ordered]


def ablations() -> list[Contender]:
    """Return the default without each of its parts, and with what was tried and left out."""
    additive = replace(MMFEAT, design=_additive)
    without_joint = replace(MMFEAT, anchor=AnchorDesign(joint_models=False))
    without_products = replace(MMFEAT, anchor=AnchorDesign(products=False))
    ranking = replace(MMFEAT, extra=Ranking())
    distillation = replace(MMFEAT, extra=Distillation())
    return [
        _variant("no-joint", "without the joint linear models", without_joint),
        _variant("no-products", "without products in the stack", without_products),
        _variant("no-network", "without the network: the anchor alone", WithoutNetwork(MMFEAT)),
        _variant("additive-network", "without products in the network", additive),
        replace(
            _variant("no-cell-dropout", "without hiding cells of records in training", MMFEAT),
            hides_cells=False,
        ),
        _variant("set-tokens", "tried: a token for each set", replace(MMFEAT, design=_set_tokens)),
        _variant("ranking", "tried: everything must not be worse than a part", ranking),
        _variant("distillation", "tried: parts answer as everything does", distillation),
        _variant("contrast", "tried: a contrastive stage before", ContrastFirst(MMFEAT)),
        _variant("view-average", "tried: the mean over sets within", ViewAverage(MMFEAT)),
    ]


def contender_of(name: str) -> Contender:
    """Return a contender by its name."""
    (found,) = [one for one in (*every_method(), *ablations()) if one.name == name]
    return found


def _variant(name: str, says: str, method: Method) -> Contender:
    return Contender(name, lambda: method, says=says)


def _additive(inputs: NetworkInputs, task: Task) -> Architecture:
    return AdditiveArchitecture(inputs.after_pooling, task.n_outputs)


def _set_tokens(inputs: NetworkInputs, task: Task) -> Architecture:
    return SetTokensArchitecture(inputs.after_pooling, task.n_outputs)
