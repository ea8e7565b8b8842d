"""A predictions table of a number and of a time to an event, as `mmfeat eval` makes it."""

import numpy as np
import pandas as pd

KINDS = {"size": "regression", "death": "time_to_event"}
OUTPUTS = {"size": ("ml",), "death": ("by 12", "by 24", "risk")}
MODALITIES = ("ct", "clinical")


def number_predictions(n_patients=60, methods=("mmfeat", "average"), seed=0):
    """Return predictions of every availability, and of cases as they come."""
    random = np.random.default_rng(seed)
    size = random.normal(20, 5, n_patients)
    time, event = random.integers(1, 40, n_patients), random.integers(0, 2, n_patients)
    status = [
        np.where(event * (time <= h) == 1, 1.0, np.where(time >= h, 0.0, np.nan)) for h in (12, 24)
    ]
    truth = {"size": size[:, None], "death": np.stack([*status, np.where(event, time, -time)], 1)}
    frames = []
    for method in methods:
        for seen, noise in (("ct+clinical", 2.0), ("ct", 4.0), ("clinical", 8.0)):
            risk = random.random(n_patients) / 2
            early = -time + noise * random.normal(size=n_patients)
            answers = {
                "size": (size + noise * random.normal(size=n_patients))[:, None],
                "death": np.stack([risk, 1.5 * risk, early], axis=1),
            }
            for regime in ("simulated", "natural")[: 2 if seen == "ct+clinical" else 1]:
                frames += [
                    _frame(target, answers[target], truth[target], (method, regime, seen))
                    for target in KINDS
                ]
    return pd.concat(frames, ignore_index=True)


def _frame(target, answers, truth, names):
    n_cases, outputs = len(truth), OUTPUTS[target]
    method, regime, seen = names
    cases = [f"case-{number:03d}" for number in range(n_cases)]
    return pd.DataFrame(
        {
            "case_id": np.repeat(cases, len(outputs)),
            "patient_id": np.repeat(cases, len(outputs)),
            "target": target,
            "method": method,
            "fold": np.repeat(np.arange(n_cases) % 3, len(outputs)),
            "regime": regime,
            "availability": seen,
            "output": np.tile(outputs, n_cases),
            "prediction": answers.ravel(),
            "label": truth.ravel(),
        }
    )
