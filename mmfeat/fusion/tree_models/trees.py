"""Boosted trees as plain arrays: fitted by scikit-learn, saved and evaluated without it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

Array = NDArray[np.float64]

_VALUES_AT_ONCE = 2_000_000
"""Rows x trees that are walked at the same time: 16 MB of node numbers."""


@dataclass(frozen=True, eq=False)
class Trees:
    """Hold the trees of one booster, their nodes one after another.

    A case is at the root of each tree first, and goes left where its value is at most the threshold
    or, where it is NaN, as the node says. The answer is the sum of the leaves' values and the
    start.

    Shape:
        - ``start``: ``(answers,)``.
        - ``roots``: ``(trees,)``, int64, the first node of each tree; ``answer_of``: ``(trees,)``,
          int64, the answer that it adds to.
        - ``value``, ``threshold``: ``(nodes,)``, float64; ``feature``, ``left``, ``right``:
          ``(nodes,)``, int64; ``missing_left``: ``(nodes,)``, bool. A leaf is its own left and
          right.
    """

    start: Array
    roots: NDArray[np.int64]
    answer_of: NDArray[np.int64]
    value: Array
    threshold: Array
    feature: NDArray[np.int64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    missing_left: NDArray[np.bool_]

    @classmethod
    def of(cls, booster: HistGradientBoostingClassifier | HistGradientBoostingRegressor) -> "Trees":
        """Take the trees out of a fitted booster that has no categorical features.

        scikit-learn has no public name for them; a test compares the answers with those of the
        booster, so that a version that keeps them elsewhere is noticed.
        """
        trees = [
            (answer, predictor.nodes)
            for of_iteration in booster._predictors
            for answer, predictor in enumerate(of_iteration)
        ]
        sizes = [len(nodes) for _, nodes in trees]
        roots = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
        nodes = np.concatenate([nodes for _, nodes in trees])
        first = np.repeat(roots, sizes)
        is_leaf = nodes["is_leaf"].astype(np.bool_)
        itself = np.arange(len(nodes))
        return cls(
            start=np.ravel(booster._baseline_prediction).astype(np.float64),
            roots=roots,
            answer_of=np.array([answer for answer, _ in trees], dtype=np.int64),
            value=np.where(is_leaf, nodes["value"], 0.0),
            threshold=np.where(is_leaf, 0.0, nodes["num_threshold"]),
            feature=np.where(is_leaf, 0, nodes["feature_idx"]).astype(np.int64),
            left=np.where(is_leaf, itself, first + nodes["left"]),
            right=np.where(is_leaf, itself, first + nodes["right"]),
            missing_left=nodes["missing_go_to_left"].astype(np.bool_),
        )

    @classmethod
    def constant(cls, answers: Array) -> "Trees":
        """Return no tree at all: the same ``(answers,)`` for every case."""
        none, no_numbers = np.zeros(0, dtype=np.int64), np.zeros(0)
        return cls(
            answers, none, none, no_numbers, no_numbers, none, none, none, none.astype(np.bool_)
        )

    def of_classes(self, classes: NDArray[np.int64], start: Array) -> "Trees":
        """Return the same trees with an answer for each of more classes than were seen.

        Args:
            classes: The class of each answer; for a single answer the two classes between which it
                is the difference of logits: each gets half of it.
            start: What every class starts from; of those that were seen it is replaced.
        """
        n_trees, places = len(self.roots), self.answer_of
        if len(self.start) == 1 and len(classes) == 2:
            halved = np.concatenate([-self.value, self.value]) / 2
            shift = len(self.value)
            start = start.copy()
            start[classes] = [-self.start[0] / 2, self.start[0] / 2]
            return Trees(
                start=start,
                roots=np.concatenate([self.roots, self.roots + shift]),
                answer_of=np.repeat(classes, n_trees),
                value=halved,
                threshold=np.tile(self.threshold, 2),
                feature=np.tile(self.feature, 2),
                left=np.concatenate([self.left, self.left + shift]),
                right=np.concatenate([self.right, self.right + shift]),
                missing_left=np.tile(self.missing_left, 2),
            )
        start = start.copy()
        start[classes] = self.start
        return replace(self, start=start, answer_of=classes[places])

    def predict(self, features: NDArray[np.floating]) -> Array:
        """Return ``(cases, answers)`` for features ``(cases, width)``, NaN where unknown."""
        answers = np.tile(self.start, (len(features), 1))
        step = max(1, _VALUES_AT_ONCE // max(1, len(self.roots)))
        for first in range(0, len(features) if len(self.roots) else 0, step):
            leaves = self._leaves(np.asarray(features[first : first + step], dtype=np.float64))
            for answer in range(len(self.start)):
                of_answer = self.value[leaves[:, self.answer_of == answer]]
                answers[first : first + step, answer] += of_answer.sum(axis=1)
        return answers

    def _leaves(self, features: Array) -> NDArray[np.int64]:
        """Return the leaf that each case ends in: ``(cases, trees)``."""
        places = np.tile(self.roots, (len(features), 1))
        cases = np.arange(len(features))[:, None]
        while True:
            values = features[cases, self.feature[places]]
            goes_left = np.where(
                np.isnan(values), self.missing_left[places], values <= self.threshold[places]
            )
            following = np.where(goes_left, self.left[places], self.right[places])
            if np.array_equal(following, places):
                return places
            places = following

    def arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        """Return all arrays, each with its name after the prefix."""
        return {f"{prefix}{field.name}": getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], prefix: str) -> "Trees":
        """Return what `arrays` gave."""
        return cls(**{field.name: arrays[f"{prefix}{field.name}"] for field in fields(cls)})
