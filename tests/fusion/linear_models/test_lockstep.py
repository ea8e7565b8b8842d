import numpy as np
import pytest
from scipy.optimize import minimize, rosen, rosen_der

from mmfeat.fusion.linear_models.lockstep import in_lockstep, lbfgs


def _quadratic(curvature, lowest):
    return lambda x: (
        float((x - lowest) @ curvature @ (x - lowest)) / 2,
        curvature @ (x - lowest),
    )


def _run(functions, minimisers):
    passes = []

    def evaluate(points):
        passes.append(len(points))
        return [functions[number](point) for number, point in points]

    return in_lockstep(minimisers, evaluate), passes


def test_a_quadratic_whose_curvature_is_known_takes_one_step():
    curvature = np.array([[3.0, 1.0], [1.0, 2.0]])
    lowest = np.array([4.0, -1.0])
    minimiser = lbfgs(
        np.zeros(2), solve=lambda slope: np.linalg.solve(curvature, slope), tolerance=1e-9
    )
    (found,), passes = _run([_quadratic(curvature, lowest)], [minimiser])
    np.testing.assert_allclose(found, lowest, atol=1e-12)
    assert len(passes) == 2


def test_functions_that_are_minimised_together_end_where_each_ends_alone():
    random = np.random.default_rng(0)
    functions, lowest = [], []
    for size in (2, 5, 9):
        root = random.standard_normal((size, size))
        lowest.append(random.standard_normal(size))
        functions.append(_quadratic(root @ root.T + np.eye(size), lowest[-1]))

    def fresh():
        return [
            lbfgs(np.zeros(len(one)), solve=lambda slope: slope / 5, tolerance=1e-10)
            for one in lowest
        ]

    together, passes = _run(functions, fresh())
    for number, (found, expected) in enumerate(zip(together, lowest, strict=True)):
        np.testing.assert_allclose(found, expected, atol=1e-8)
        (alone,), _ = _run([functions[number]], [fresh()[number]])
        np.testing.assert_array_equal(found, alone)
    assert passes[0] == 3
    assert passes[-1] < 3  # who has ended is not asked any more


def test_it_agrees_with_scipy_where_full_steps_lead_up():
    start = np.array([-1.2, 1.0, 0.5])
    minimiser = lbfgs(start, solve=lambda slope: slope, tolerance=1e-9)
    (found,), _ = _run([lambda x: (float(rosen(x)), rosen_der(x))], [minimiser])
    expected = minimize(rosen, start, jac=rosen_der, method="BFGS", options={"gtol": 1e-10}).x
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_it_ends_after_the_most_steps():
    minimiser = lbfgs(np.ones(2), solve=lambda slope: slope / 100, tolerance=0.0, most_steps=2)
    _, passes = _run([_quadratic(np.diag([1.0, 50.0]), np.zeros(2))], [minimiser])
    assert len(passes) == pytest.approx(3, abs=1)
