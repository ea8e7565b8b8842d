"""Calibration: what is learnt of probabilities after training, from cases no head learnt from."""

from mmfeat.calibration.isotonic import Isotonic
from mmfeat.calibration.recalibration import (
    RECALIBRATIONS,
    Identity,
    Recalibrator,
    fit_recalibrator,
    recalibrator_from_json,
)
from mmfeat.calibration.temperature import Temperature

__all__ = [
    "RECALIBRATIONS",
    "Identity",
    "Isotonic",
    "Recalibrator",
    "Temperature",
    "fit_recalibrator",
    "recalibrator_from_json",
]
