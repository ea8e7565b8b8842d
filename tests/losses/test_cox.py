import math

import numpy as np
import pytest
import torch
from statsmodels.duration.hazard_regression import PHReg

from mmfeat.losses.cox import cox_loss

NAN = math.nan


def _tensor(values):
    return torch.tensor(values, dtype=torch.float64)


def test_a_value_by_hand():
    # The case of time 1 had an event while all three were at risk, that of time 2 while two were.
    log_hazards = _tensor([0.0, math.log(2), 0.0])
    loss = cox_loss(log_hazards, _tensor([1.0, 2.0, 3.0]), _tensor([1.0, 1.0, 0.0]))
    assert loss.item() == pytest.approx(-(math.log(1 / 4) + math.log(2 / 3)) / 2, abs=1e-6)


def test_it_is_the_likelihood_of_statsmodels_with_ties():
    random = np.random.default_rng(0)
    features, coefficients = random.normal(size=(60, 2)), np.array([0.7, -0.4])
    times, events = random.integers(1, 8, 60), random.integers(0, 2, 60)
    model = PHReg(times, features, status=events, ties="efron")
    expected = -model.loglike(coefficients) / events.sum()
    found = cox_loss(*map(_tensor, ((features @ coefficients).tolist(), times, events)))
    assert found.item() == pytest.approx(expected, abs=1e-5)


def test_cases_with_an_unknown_time_are_left_out_and_a_constant_changes_nothing():
    hazards, times, events = _tensor([1.0, 0.0, 2.0]), [1.0, 2.0, 3.0], [1.0, 1.0, 0.0]
    alone = cox_loss(hazards, _tensor(times), _tensor(events))
    more = _tensor([9.0, *(hazards + 500.0)])
    found = cox_loss(more, _tensor([NAN, *times]), _tensor([NAN, *events]))
    assert found.item() == pytest.approx(alone.item(), abs=1e-6)


def test_without_an_event_the_loss_is_zero_and_can_go_backward():
    hazards = _tensor([1.0, 2.0]).requires_grad_()
    loss = cox_loss(hazards, _tensor([1.0, 2.0]), _tensor([0.0, 0.0]))
    loss.backward()
    assert loss.item() == 0
    assert hazards.grad.tolist() == [0, 0]


def test_the_slope_is_that_of_the_likelihood():
    times, events = _tensor([3.0, 1.0, 2.0, 2.0]), _tensor([1.0, 1.0, 1.0, 0.0])
    hazards = _tensor([0.3, -0.2, 0.5, 0.1]).requires_grad_()
    cox_loss(hazards, times, events).backward()
    step = 1e-2  # torchsurv works in float32
    for row in range(4):
        moved = torch.eye(4, dtype=torch.float64)[row] * step
        ends = [cox_loss(hazards + sign * moved, times, events).item() for sign in (1, -1)]
        assert hazards.grad[row].item() == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=1e-4)
