"""Sums of sigmoids near a fit, for any weights, from a few sums: Taylor's series in two numbers.

A fit to a resample lies near the fit to all cases. There, a sigmoid is a short power series in how
far intercept and slope have moved, with coefficients that depend on the case alone. So the weighted
sums of a few columns are all that is needed of a resample, however many steps its fit takes.
"""

from math import comb

import numpy as np

from mmfeat.metrics.ranked_cases import Array

ORDER = 14
REACH = 0.5
"""Largest move of a case's logit for which the series is used: the first power that is left out is
below (0.5 / pi)^15 = 1e-12, pi being the radius of convergence."""
_TINY = 1e-13
_GRID = np.cos(np.linspace(0, np.pi, 129))
"""Values of x at which it is found which combinations of terms there are."""
_TERMS = [(k, j) for k in range(ORDER + 1) for j in range(k + 2)]
"""Order of the derivative, and power of x; the last one of an order is for sums times x."""
_PRODUCTS = [(k, j) for k in range(ORDER + 1) for j in range(k + 1)]
_K, _J = np.array(_PRODUCTS).T
_BINOMIALS = np.array([float(comb(k, j)) for k, j in _PRODUCTS])
_TERM = np.array([_TERMS.index(one) for one in _PRODUCTS])
_DERIVED = np.array([number for number, (k, j) in enumerate(_PRODUCTS) if k > j])
"""Products whose derivative by a is another one times the order: k of (k, j) gives (k - 1, j)."""
_DERIVED_FROM = np.array([_PRODUCTS.index((_K[n] - 1, _J[n])) for n in _DERIVED])


class SigmoidSeries:
    """Give sums of ``w * sigmoid(a + b * x)`` times 1 and x, and their derivatives.

    Shape:
        - ``x``: ``(cases,)``, at most 1 in absolute value; ``start``: ``(2,)``, a and b near which
          the sums are wanted.
        - ``columns``: ``(cases, columns)``; the sums are made of the weighted sums of these.
    """

    def __init__(self, x: Array, start: Array) -> None:
        # Terms are smooth functions of x and nearly combinations of a few; the rest is rounding.
        on_grid = _combined_terms(_GRID, start, np.eye(len(_TERMS)))
        _, sizes, right = np.linalg.svd(on_grid, full_matrices=False)
        self._to_terms: Array = right[sizes > _TINY * sizes[0]]  # (columns, terms)
        self.columns: Array = _combined_terms(x, start, self._to_terms.T)

    def terms(self, sums: Array) -> Array:
        """Return the sums of all terms from the weighted sums of the columns: ``(fits, terms)``."""
        return np.asarray(sums @ self._to_terms)

    def sums(self, terms: Array, moved: Array) -> tuple[Array, Array]:
        """Return sums of sigmoids times 1 and x, and of their slopes times 1, x and x squared.

        Shape:
            - ``moved``: ``(fits, 2)``, away from the start.
            - Output: ``(fits, 2)`` and ``(fits, 3)``.
        """
        of_a = (moved[:, :1] / REACH) ** np.arange(ORDER + 1)  # (fits, ORDER + 1)
        of_b = (moved[:, 1:] / REACH) ** np.arange(ORDER + 1)
        whole = _BINOMIALS * of_a[:, _K - _J] * of_b[:, _J]  # (fits, products)
        derived = _K[_DERIVED] / REACH * whole[:, _DERIVED_FROM]
        values = [np.einsum("ft,ft->f", whole, terms[:, _TERM + power]) for power in range(2)]
        slopes = [
            np.einsum("ft,ft->f", derived, terms[:, _TERM[_DERIVED] + power]) for power in range(3)
        ]
        return np.stack(values, axis=1), np.stack(slopes, axis=1)


def _combined_terms(x: Array, start: Array, combinations: Array) -> Array:
    """Return combinations of the terms, each a coefficient times a power of x.

    Shape:
        - ``combinations``: ``(terms, columns)``. Output: ``(cases, columns)``.
    """
    coefficients = _sigmoid_coefficients(start[0] + start[1] * x)
    powers = x[:, None] ** np.arange(ORDER + 2)
    found = np.zeros((len(x), combinations.shape[1]))
    for k in range(ORDER + 1):
        first = _TERMS.index((k, 0))
        of_order = powers[:, : k + 2] @ combinations[first : first + k + 2]
        found += REACH**k * coefficients[:, [k]] * of_order
    return found


def _sigmoid_coefficients(logits: Array) -> Array:
    """Return the coefficients of the power series of the sigmoid at each logit: ``(n, ORDER + 1)``.

    From s' = s (1 - s): (k + 1) c[k + 1] = c[k] - sum over i of c[i] c[k - i].
    """
    found = np.empty((len(logits), ORDER + 1))
    found[:, 0] = 1 / (1 + np.exp(-np.clip(logits, -500, 500)))
    for k in range(ORDER):
        product = (found[:, : k + 1] * found[:, k::-1]).sum(axis=1)
        found[:, k + 1] = (found[:, k] - product) / (k + 1)
    return found
