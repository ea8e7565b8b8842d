"""Combine the logits of single modalities into those of a set of them."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import scipy  # its parts are loaded when they are first used: predicting needs few of them
from numpy.typing import NDArray
from scipy.special import expit, softmax

from mmfeat.fusion.probabilities import part_losses
from mmfeat.fusion.task import Task
from mmfeat.losses.kinds import CaseKind

Array = NDArray[np.float64]

_SUM_PRIOR = 10.0
"""Strength of the belief that logits simply add up (weights of 1)."""
_PRODUCT_PRIOR = 30.0
"""Strength of the belief that modalities do not interact (product weights of 0)."""
_SMALLEST_WEIGHT_ALONE = 0.05


@dataclass(frozen=True)
class Stack:
    """Hold how a set of modalities is answered from each one's own logit.

    ``logit = sum of weights * logit + sum over pairs of product_weights * (z of one) * (z of the
    other) + bias``, where ``z = (logit - centre) / scale``. The products are the simplest
    interaction: one modality's evidence counts more, or less, in the light of the other's.

    Shape:
        - ``weights``: ``(members, outputs)``, zero or more; ``biases``: ``(outputs,)``.
        - ``centres``, ``scales``: ``(members, outputs)``.
        - ``product_weights``: ``(pairs, outputs)``, in the order of ``itertools.combinations``.
    """

    weights: Array
    biases: Array
    centres: Array
    scales: Array
    product_weights: Array

    def logits(self, of_members: Array) -> Array:
        """Return ``(cases, outputs)`` for the members' logits ``(cases, members, outputs)``."""
        products = _products(of_members, self.centres, self.scales)
        combined: Array = (of_members * self.weights).sum(1) + (
            products * self.product_weights
        ).sum(1)
        return combined + self.biases


def mean_stack(n_members: int, n_outputs: int) -> Stack:
    """Return the stack that is the plain mean of the logits."""
    shape = (n_members, n_outputs)
    n_pairs = n_members * (n_members - 1) // 2
    return Stack(
        np.full(shape, 1.0 / n_members),
        np.zeros(n_outputs),
        np.zeros(shape),
        np.ones(shape),
        np.zeros((n_pairs, n_outputs)),
    )


def fit_stack(of_members: Array, labels: Array, task: Task, *, with_products: bool = True) -> Stack:
    """Fit the weights by the loss; with few cases they stay near plain sums without products.

    Each label has weights of its own. For classes, a modality has one weight for all of them, and a
    product one for each; the intervals of hazards share both. A modality alone keeps a weight above
    zero, so that its order of the cases is not lost.

    Shape:
        - ``of_members``: ``(cases, members, outputs)``, logits of models that have not seen the
          cases.
        - ``labels``: ``(cases, columns)`` of a task without cox, NaN where missing.
    """
    centres = of_members.mean(axis=0)
    deviations = of_members.std(axis=0)
    scales = np.where(deviations > 1e-9, deviations, 1.0)
    products = _products(of_members, centres, scales)
    if not with_products:
        products = np.zeros_like(products)
    fitted: list[tuple[Array, Array, Array]] = []
    for part, outputs, columns in task.places():
        of_part, pairs, truth = of_members[..., outputs], products[..., outputs], labels[:, columns]
        if part.kind == "multiclass":
            fitted.append(_fit_classes(of_part, pairs, truth[:, 0]))
        elif part.hazards:
            fitted.append(_fit_intervals(of_part, pairs, truth))
        else:
            kind: CaseKind = "regression" if part.kind == "regression" else "binary"
            fitted += [
                _fit_label(of_part[..., output], pairs[..., output], truth[:, output], kind)
                for output in range(part.n_outputs)
            ]
    weights, product_weights, biases = (
        np.concatenate(parts, axis=-1) for parts in zip(*fitted, strict=True)
    )
    return Stack(weights, biases, centres, scales, product_weights)


def _products(of_members: Array, centres: Array, scales: Array) -> Array:
    """Return the products of all pairs of standardised logits: ``(cases, pairs, outputs)``."""
    standardised = (of_members - centres) / scales
    pairs = list(combinations(range(of_members.shape[1]), 2))
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    return np.asarray(standardised[:, first] * standardised[:, second])


def _fit_label(
    logits: Array, products: Array, labels: Array, kind: CaseKind
) -> tuple[Array, Array, Array]:
    """Fit one label, given logits ``(cases, members)`` and products ``(cases, pairs)``."""
    known = ~np.isnan(labels)
    inputs, truth = np.hstack([logits, products])[known], labels[known]

    def loss_and_slope(parameters: Array) -> tuple[float, Array]:
        combined = inputs @ parameters[:-1] + parameters[-1]
        errors = (combined if kind == "regression" else expit(combined)) - truth
        loss = part_losses(combined[:, None], truth[:, None], kind).sum()
        return float(loss), np.append(inputs.T @ errors, errors.sum())

    weights, product_weights, biases = _minimise(
        loss_and_slope, n_members=logits.shape[1], n_products=products.shape[1], n_biases=1
    )
    return weights[:, None], product_weights[:, None], biases


def _fit_intervals(logits: Array, products: Array, labels: Array) -> tuple[Array, Array, Array]:
    """Fit hazards: logits ``(cases, members, intervals)``, products ``(cases, pairs, ...)``.

    Before the data say otherwise, the evidence of the members adds up, not their base rates.
    """
    at_risk, events = ~np.isnan(labels), np.nan_to_num(labels)
    inputs = np.concatenate([logits, products], axis=1)  # (cases, members + pairs, intervals)
    n_biases = labels.shape[1]
    centres = logits.mean(axis=0)  # (members, intervals)

    def loss_and_slope(parameters: Array) -> tuple[float, Array]:
        combined = np.einsum("cmi,m->ci", inputs, parameters[:-n_biases]) + parameters[-n_biases:]
        errors = at_risk * (expit(combined) - events)
        loss = np.nansum(part_losses(combined, labels, "multilabel"))
        slopes = [np.einsum("cmi,ci->m", inputs, errors), errors.sum(axis=0)]
        return float(loss), np.concatenate(slopes)

    weights, product_weights, biases = _minimise(
        loss_and_slope,
        n_members=logits.shape[1],
        n_products=products.shape[1],
        n_biases=n_biases,
        start_biases=centres.mean(axis=0) - centres.sum(axis=0),
    )
    of_all = np.ones(n_biases)
    return weights[:, None] * of_all, product_weights[:, None] * of_all, biases


def _fit_classes(logits: Array, products: Array, labels: Array) -> tuple[Array, Array, Array]:
    """Fit classes: logits ``(cases, members, outputs)``, products ``(cases, pairs, outputs)``."""
    known = ~np.isnan(labels)
    logits, products, truth = logits[known], products[known], labels[known, None]
    _, n_members, n_outputs = logits.shape
    shape = products.shape[1:]
    chosen = truth == np.arange(n_outputs)  # (cases, classes)

    def loss_and_slope(parameters: Array) -> tuple[float, Array]:
        weights, product_weights, biases = np.split(parameters, [n_members, -n_outputs])
        combined = np.einsum("cmo,m->co", logits, weights) + biases
        combined += np.einsum("cpo,po->co", products, product_weights.reshape(shape))
        errors = softmax(combined, axis=1) - chosen
        slopes = [
            np.einsum("cmo,co->m", logits, errors),
            np.einsum("cpo,co->po", products, errors).ravel(),
            errors.sum(axis=0),
        ]
        return float(part_losses(combined, truth, "multiclass").sum()), np.concatenate(slopes)

    weights, product_weights, biases = _minimise(
        loss_and_slope, n_members=n_members, n_products=int(np.prod(shape)), n_biases=n_outputs
    )
    return np.repeat(weights[:, None], n_outputs, axis=1), product_weights.reshape(shape), biases


def _minimise(
    loss_and_slope: Callable[[Array], tuple[float, Array]],
    *,
    n_members: int,
    n_products: int,
    n_biases: int,
    start_biases: Array | float = 0.0,
) -> tuple[Array, Array, Array]:
    """Minimise the loss plus the priors; return weights, product weights and biases."""
    start = np.concatenate([np.ones(n_members), np.zeros(n_products + n_biases)])
    start[n_members + n_products :] = start_biases
    priors = np.repeat([_SUM_PRIOR, _PRODUCT_PRIOR, 1.0], [n_members, n_products, n_biases])

    def penalised(parameters: Array) -> tuple[float, Array]:
        loss, slope = loss_and_slope(parameters)
        away = parameters - start
        return loss + float(priors @ away**2) / 2, slope + priors * away

    lowest = _SMALLEST_WEIGHT_ALONE if n_members == 1 else 0.0
    bounds = [(lowest, None)] * n_members + [(None, None)] * (n_products + n_biases)
    best = scipy.optimize.minimize(penalised, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    weights, product_weights, biases = np.split(
        np.asarray(best, dtype=np.float64), [n_members, n_members + n_products]
    )
    return weights, product_weights, biases
