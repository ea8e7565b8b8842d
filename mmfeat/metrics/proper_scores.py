"""Proper scoring rules: how far probabilities are from what happened; lower is better."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmfeat.metrics.ranked_cases import Array, checked_labels_and_scores, checked_weights, ratio

_SMALLEST = np.finfo(np.float64).eps


def brier(labels: ArrayLike, probabilities: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return the mean squared difference of probability and label.

    Example:
        >>> brier([0, 1], [0.5, 0.5])
        0.25
    """
    label_values, values = checked_labels_and_scores(labels, probabilities)
    return _mean((values - label_values) ** 2, weights)


def log_loss(
    labels: ArrayLike, probabilities: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """Return the mean negative log-likelihood in nats, clipped at machine precision."""
    label_values, values = checked_labels_and_scores(labels, probabilities)
    return _mean(negative_log_likelihood(label_values, values), weights)


def negative_log_likelihood(labels: Array, probabilities: Array) -> Array:
    """Return each case's negative log-likelihood: ``(cases,)``."""
    likelihood = np.where(labels == 1, probabilities, 1 - probabilities)
    loss: Array = -np.log(np.clip(likelihood, _SMALLEST, 1.0))
    return loss


def multiclass_brier(
    labels: ArrayLike, probabilities: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """Return the mean over cases of the squared differences summed over classes, from 0 to 2.

    Shape:
        - ``labels``: ``(cases,)``, the index of the class; ``probabilities``: ``(cases, classes)``.

    Example:
        >>> multiclass_brier([0], [[1.0, 0.0, 0.0]]), multiclass_brier([1], [[1.0, 0.0, 0.0]])
        (0.0, 2.0)
    """
    return _mean(multiclass_squared_error(np.asarray(labels), np.asarray(probabilities)), weights)


def multiclass_log_loss(
    labels: ArrayLike, probabilities: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """Return the mean negative log-likelihood of the true class in nats."""
    return _mean(
        multiclass_negative_log_likelihood(np.asarray(labels), np.asarray(probabilities)), weights
    )


def multiclass_squared_error(labels: NDArray[np.int64], probabilities: Array) -> Array:
    """Return each case's squared differences summed over classes: ``(cases,)``."""
    error: Array = ((probabilities - np.eye(probabilities.shape[1])[labels]) ** 2).sum(axis=1)
    return error


def multiclass_negative_log_likelihood(labels: NDArray[np.int64], probabilities: Array) -> Array:
    """Return each case's negative log-likelihood of its class: ``(cases,)``."""
    loss: Array = -np.log(np.clip(probabilities[np.arange(len(labels)), labels], _SMALLEST, 1.0))
    return loss


def weighted_mean(values: Array, weights: Array) -> Array:
    """Return the mean of a value of each case in each resample: ``(resamples,)``."""
    return ratio(weights @ values, weights.sum(axis=1))


def _mean(values: Array, weights: ArrayLike | None) -> float:
    return float(weighted_mean(values, checked_weights(weights, len(values)))[0])
