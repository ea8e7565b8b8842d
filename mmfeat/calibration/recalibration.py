"""What a recalibration is: probabilities in, better ones out; and the table of the known ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol, runtime_checkable

from numpy.typing import ArrayLike
from scipy.special import chdtri

from mmfeat.calibration.isotonic import Isotonic
from mmfeat.calibration.outputs import Array, checked_probabilities
from mmfeat.calibration.temperature import Temperature

USUAL_SPREAD = 0.2
"""Of one over the temperature, before cases are seen."""
_CLEAR = 0.95
"""Share of ratios that are smaller where probabilities need no temperature (Wilks)."""


@runtime_checkable
class Recalibrator(Protocol):
    """Turn the probabilities of one model into ones that mean what they say."""

    def apply(self, probabilities: ArrayLike) -> Array:
        """Return recalibrated probabilities: ``(cases, outputs)``, of the same shape."""

    def to_json(self) -> dict[str, Any]:
        """Return plain values, from which `recalibrator_from_json` makes it again."""


@dataclass(frozen=True)
class Identity:
    """Leave probabilities as they are, where nothing could be fitted."""

    reason: str = ""
    """Why nothing was fitted."""

    def apply(self, probabilities: ArrayLike) -> Array:
        """Return the probabilities."""
        return checked_probabilities(probabilities)

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {"method": "none", "reason": self.reason}


RECALIBRATIONS: Mapping[str, type[Temperature] | type[Isotonic]] = MappingProxyType(
    {"temperature": Temperature, "isotonic": Isotonic}
)
"""The recalibrations that can be fitted, by name."""


def fit_recalibrator(
    method: str, probabilities: ArrayLike, labels: ArrayLike, *, kind: str
) -> Temperature | Isotonic | Identity:
    """Fit the recalibration of a name; see `Temperature.fit` and `Isotonic.fit`.

    Temperatures are kept near 1 until cases say more, and at 1 unless a likelihood ratio test at
    5 % says that they are better: of some fifty cases a free one is as likely to spoil good
    probabilities as to mend bad ones; of a thousand neither makes a difference.

    Raises:
        ValueError: There is none of that name, or the arrays or the kind cannot be used.
    """
    if method not in RECALIBRATIONS:
        raise ValueError(f"method must be one of {', '.join(RECALIBRATIONS)}, got `{method}`")
    if method == "temperature":
        found = Temperature.fit(probabilities, labels, kind=kind, spread=USUAL_SPREAD)
        gain = 2 * found.gain(probabilities, labels)
        if gain < chdtri(len(found.temperatures), 1 - _CLEAR):
            return Identity("no temperature is clearly better for the validation part")
        return found
    return Isotonic.fit(probabilities, labels, kind=kind)


def recalibrator_from_json(known: Mapping[str, Any]) -> Recalibrator:
    """Make the recalibrator whose `to_json` this is.

    Raises:
        ValueError: It is of no known method.
    """
    if known.get("method") == "none":
        return Identity(str(known.get("reason", "")))
    if known.get("method") not in RECALIBRATIONS:
        raise ValueError(
            f"method must be one of none, {', '.join(RECALIBRATIONS)}, got `{known.get('method')}`"
        )
    return RECALIBRATIONS[known["method"]].from_json(dict(known))
