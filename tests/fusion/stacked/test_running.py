import pytest
import torch

from mmfeat.fusion.stacked.running import StepRunner
from mmfeat.fusion.stacked.training import train_stack
from mmfeat.fusion.training.network_jobs import StackOptions


def test_finished_heads_leave_at_once_where_nothing_was_captured():
    assert StepRunner("eager").may_shrink(9, 10)
    assert not StepRunner("eager").may_shrink(10, 10)
    assert not StepRunner("graph").may_shrink(9, 10)
    assert StepRunner("graph").may_shrink(7, 10)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_captured_step_is_the_step(made_jobs):
    jobs = made_jobs()
    heads = [
        train_stack(
            jobs,
            options=StackOptions("float64", running, 4),
            device="cuda",
            should_stop=lambda: False,
        )
        for running in ("eager", "graph")
    ]
    for one, other in zip(*heads, strict=True):
        for name, values in one.state.items():
            torch.testing.assert_close(values, other.state[name], rtol=0, atol=1e-10)
