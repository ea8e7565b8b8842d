"""Method `logistic`: for each availability, a logistic regression on just its modalities."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mmfeat.errors import Interrupted
from mmfeat.fusion.contract import Features, FitOptions, FoldData, Kind, check_visible
from mmfeat.fusion.head_files import read_arrays, read_description, write_head
from mmfeat.fusion.linear import LinearModel, choose_and_fit
from mmfeat.fusion.modality_sets import (
    FEWEST_CASES,
    Members,
    members_in,
    members_of,
    name_of,
    sets_of,
)
from mmfeat.fusion.probabilities import to_probabilities
from mmfeat.fusion.unimodal import unimodal_models
from mmfeat.fusion.views import training_views


@dataclass(frozen=True)
class LinearHead:
    """Answer each set of modalities with a linear model, or else the mean of single ones."""

    method: str
    kind: Kind
    widths: Mapping[str, int]
    models: Mapping[Members, LinearModel]
    penalties: Mapping[Members, tuple[float, ...]]

    def predict(self, features: Features, visible: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return ``(cases, outputs)`` given what is visible ``(cases, modalities)``."""
        check_visible(features, visible, self.widths)
        n_outputs = len(next(iter(self.models.values())).intercepts)
        probabilities = np.empty((len(visible), n_outputs))
        for members, rows in sets_of(visible):
            sets = [members] if members in self.models else [(member,) for member in members]
            answers = [self._predict_set(features, rows, one) for one in sets]
            probabilities[rows] = np.mean(answers, axis=0)
        return probabilities

    def _predict_set(
        self, features: Features, rows: NDArray[np.int64], members: Members
    ) -> NDArray[np.float64]:
        names = list(features)
        joined = np.hstack([features[names[member]][rows] for member in members])
        return to_probabilities(self.models[members].logits(joined), self.kind)

    def save(self, folder: Path) -> None:
        """Write each model; those of modalities 0 and 1 together are named ``0+1``."""
        arrays = {}
        for members, model in self.models.items():
            arrays[f"coefficients:{name_of(members)}"] = model.coefficients
            arrays[f"intercepts:{name_of(members)}"] = model.intercepts
        description = {
            "kind": self.kind,
            "widths": dict(self.widths),
            "penalties": {
                name_of(members): list(chosen) for members, chosen in self.penalties.items()
            },
        }
        write_head(folder, method=self.method, description=description, arrays=arrays)


@dataclass(frozen=True)
class LinearMethod:
    """Fit logistic regressions whose penalties are chosen on inner folds; no seed plays a part."""

    name: str
    summary: str
    with_joint_models: bool
    uses_seed: bool = False

    def fit(
        self,
        data: FoldData,
        *,
        seed: int,  # noqa: ARG002 - the same head for every seed
        options: FitOptions,  # noqa: ARG002 - nothing is set by hand
        device: str,  # noqa: ARG002 - scikit-learn runs on the CPU
        should_stop: Callable[[], bool],
    ) -> LinearHead:
        """Fit the single modalities and, where asked for, larger sets that enough cases have."""
        single = unimodal_models(data)
        models: dict[Members, LinearModel] = {}
        penalties: dict[Members, tuple[float, ...]] = {}
        for position, one in enumerate(single.chosen):
            models[position,], penalties[position,] = one.model, one.penalties
        present, labels = data.present[single.rows], data.labels[single.rows]
        for members in self._joint_sets(len(data.modalities)):
            if should_stop():
                raise Interrupted("the head in training is lost, finished ones are kept")
            has = present[:, list(members)].all(axis=1)
            if has.sum() < FEWEST_CASES:
                continue
            joined = np.hstack(
                [data.features[data.modalities[m]][single.rows[has]] for m in members]
            )
            one = choose_and_fit(
                joined, labels[has], single.folds[has], data.kind, n_outputs=data.n_outputs
            )
            models[members], penalties[members] = one.model, one.penalties
        widths = {name: values.shape[1] for name, values in data.features.items()}
        return LinearHead(self.name, data.kind, widths, models, penalties)

    def _joint_sets(self, n_modalities: int) -> list[Members]:
        if not self.with_joint_models:
            return []
        views = training_views(n_modalities, seed=0)
        return [members_in(view) for view in views if view.sum() > 1]

    def load(self, folder: Path) -> LinearHead:
        """Read a head that ``save`` wrote."""
        description, arrays = read_description(folder), read_arrays(folder)
        models = {
            members_of(name): LinearModel(
                arrays[f"coefficients:{name}"], arrays[f"intercepts:{name}"]
            )
            for name in description["penalties"]
        }
        penalties = {
            members_of(name): tuple(chosen) for name, chosen in description["penalties"].items()
        }
        return LinearHead(self.name, description["kind"], description["widths"], models, penalties)


METHOD = LinearMethod(
    "logistic",
    "logistic regression on exactly the modalities that are there, penalty chosen on inner folds",
    with_joint_models=True,
)
