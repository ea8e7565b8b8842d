"""Cox's partial likelihood, by torchsurv, which is an extra: nothing of it is loaded before use."""

import warnings
from importlib import import_module
from types import ModuleType

from jaxtyping import Float
from torch import Tensor

from mmfeat.errors import TrainError


def cox_loss(
    log_hazards: Float[Tensor, " cases"],
    times: Float[Tensor, " cases"],
    events: Float[Tensor, " cases"],
) -> Float[Tensor, ""]:
    """Return the negative log partial likelihood for each event, tied times by Efron's method.

    Only differences of the log hazards count. Cases of which time or event is not known are left
    out; without an event the loss is zero, still attached to the graph.

    Shape:
        - ``times``: above or at 0; ``events``: 1 where the event was seen then, 0 where follow-up
          ended without it; NaN where unknown.

    Raises:
        TrainError: torchsurv is not installed.
    """
    known = ~(times.isnan() | events.isnan())
    hazards, of_cases, seen = log_hazards[known], times[known], events[known] == 1
    if not bool(seen.any()):
        return log_hazards.sum() * 0.0
    likelihood = _torchsurv().neg_partial_log_likelihood
    # The exponentials are of differences to the largest, so that none is too large for its type.
    shifted = hazards - hazards.detach().max()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Ties in `time` detected")
        total: Tensor = likelihood(shifted.float(), seen, of_cases.float(), "efron", "sum")
    return total.to(log_hazards.dtype) / seen.sum()


def _torchsurv() -> ModuleType:
    try:
        with warnings.catch_warnings():
            # torchsurv 0.2 scripts some of its functions when it is imported.
            warnings.simplefilter("ignore", DeprecationWarning)
            return import_module("torchsurv.loss.cox")
    except ImportError as error:
        raise TrainError(
            "Cox's partial likelihood needs torchsurv, which is not installed; "
            'run `pip install "mmfeat[survival]"`, or set `model: hazards` for the target'
        ) from error
