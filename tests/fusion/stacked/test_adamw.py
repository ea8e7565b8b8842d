import math

import pytest
import torch

from mmfeat.fusion.stacked.adamw import Moments, StepSizes, adamw_step

N_STEPS = 12


def _sizes(learning_rates, decays, norms=math.inf, warmup=0.0, cosine=False):
    def of_heads(number):
        return torch.full((len(learning_rates),), float(number), dtype=torch.float64)

    return StepSizes(
        torch.tensor(learning_rates, dtype=torch.float64),
        torch.tensor(decays, dtype=torch.float64),
        of_heads(norms),
        of_heads(warmup),
        torch.full((len(learning_rates),), cosine),
        of_heads(N_STEPS),
    )


def _moments(rows):
    n_heads = len(rows)
    return Moments(
        torch.zeros_like(rows), torch.zeros_like(rows), torch.zeros(n_heads, dtype=torch.int64)
    )


def _of_torch(row, gradients, rate, decay, *, norm=None):
    """What torch's optimiser makes of one head: the first two numbers decay."""
    decayed, other = row[:2].clone().requires_grad_(), row[2:].clone().requires_grad_()
    optimiser = torch.optim.AdamW(
        [{"params": [decayed], "weight_decay": decay}, {"params": [other], "weight_decay": 0.0}],
        lr=rate,
    )
    for gradient in gradients:
        decayed.grad, other.grad = gradient[:2].clone(), gradient[2:].clone()
        if norm is not None:
            torch.nn.utils.clip_grad_norm_([decayed, other], norm)
        optimiser.step()
        yield torch.cat([decayed, other]).detach().clone()


@pytest.mark.parametrize("norm", [None, 1.5])
def test_every_step_is_that_of_torch(norm):
    generator = torch.Generator().manual_seed(0)
    rows = torch.randn(3, 5, generator=generator)
    gradients = torch.randn(N_STEPS, 3, 5, generator=generator)
    rates, decays = [1e-2, 3e-2, 1e-3], [0.0, 0.1, 1.0]
    expected = [
        _of_torch(rows[head], gradients[:, head], rates[head], decays[head], norm=norm)
        for head in range(3)
    ]
    moments = _moments(rows)
    for step, of_heads in enumerate(zip(*expected, strict=True)):
        adamw_step(
            rows,
            gradients[step],
            moments,
            _sizes(rates, decays, norm or math.inf),
            active=torch.ones(3, dtype=torch.bool),
            n_decayed=2,
            clips=norm is not None,
        )
        torch.testing.assert_close(rows, torch.stack(of_heads), rtol=2e-6, atol=1e-6)


def test_a_head_that_is_not_active_stays_and_later_steps_as_if_nothing_had_been():
    rows = torch.tensor([[1.0, -2.0, 3.0]] * 2)
    moments, gradient = _moments(rows), torch.tensor([[0.5, -1.0, 2.0]] * 2)
    kwargs = {"n_decayed": 2, "clips": False}
    sizes = _sizes([0.1, 0.1], [0.1, 0.1])
    before = rows[1].clone()
    adamw_step(rows, gradient, moments, sizes, active=torch.tensor([True, False]), **kwargs)
    first = rows[0].clone()
    torch.testing.assert_close(rows[1], before, rtol=0, atol=0)
    adamw_step(rows, gradient, moments, sizes, active=torch.tensor([False, True]), **kwargs)
    torch.testing.assert_close(rows, first.expand(2, -1), rtol=0, atol=0)
    assert moments.steps.tolist() == [1, 1]


def test_the_rate_rises_over_the_warm_up_and_falls_as_half_a_cosine():
    sizes = _sizes([2.0], [0.0], warmup=3.0, cosine=True)
    rates = [sizes.at(torch.tensor([step])).item() for step in range(1, N_STEPS + 1)]
    assert rates[:4] == pytest.approx([0.5, 1.0, 1.5, 2.0])
    falling = [1 + math.cos(math.pi * step / 9) for step in range(9)]
    assert rates[3:] == pytest.approx(falling)
    assert _sizes([2.0], [0.0]).at(torch.tensor([7])).item() == 2.0
