import dataclasses

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from mmfeat.errors import Interrupted, TrainError
from mmfeat.fusion import get_method
from mmfeat.fusion.cell_dropout import CellDropout
from mmfeat.fusion.contract import FitOptions
from mmfeat.fusion.stacked.cohort import stacked_cohort
from mmfeat.fusion.stacked.starting import start_stack
from mmfeat.fusion.stacked.training import train_stack
from mmfeat.fusion.training.network_jobs import Contrast, LossTerms, StackOptions, StepRules
from mmfeat.fusion.training.running import fit_head
from mmfeat.fusion.training.saved_networks import forget
from mmfeat.fusion.training.view_scores import score_of_views
from mmfeat.fusion.training.viewed_cases import viewed_cases

EXACT = StackOptions(precision="float64", heads_at_once=9)


def _train(jobs, options=EXACT, **kwargs):
    kwargs.setdefault("should_stop", lambda: False)
    return train_stack(jobs, options=options, device="cpu", **kwargs)


def _assert_same(found, expected, atol=1e-12):
    assert [head.job.name for head in found] == [head.job.name for head in expected]
    for one, other in zip(found, expected, strict=True):
        assert one.best_epoch == other.best_epoch
        for record, wanted in zip(one.history, other.history, strict=True):
            assert record == pytest.approx(wanted, abs=max(atol, 1e-9), nan_ok=True)
        for name, values in one.state.items():
            torch.testing.assert_close(values, other.state[name], rtol=0, atol=atol)


@pytest.mark.parametrize("kind", ["paper", "residual"])
@pytest.mark.parametrize(("precision", "atol"), [("float64", 1e-12), ("float32", 1e-5)])
def test_a_stacked_head_is_the_head_alone(made_jobs, kind, precision, atol):
    jobs = made_jobs(kind)
    alone = _train(jobs, StackOptions(precision, heads_at_once=1))
    together = _train(jobs, StackOptions(precision, heads_at_once=9))
    for one, other in zip(alone, together, strict=True):
        for name, values in one.state.items():
            torch.testing.assert_close(values, other.state[name], rtol=0, atol=atol)
    if precision == "float64":
        _assert_same(together, alone)


def test_every_rule_and_term_is_each_heads_own(real_folds, made_jobs):
    random = np.random.default_rng(0)
    n_cases = len(real_folds[0].labels)
    jobs = [
        dataclasses.replace(
            job,
            terms=LossTerms(
                offsets=random.normal(size=(3, n_cases, 1)),
                sample_weights=random.random(n_cases),
                view_weights=np.array([1.0, 0.5 * number, 2.0]),
            ),
            rules=StepRules(
                1.0 + number, number / 2, cosine=number > 1, averaging=0.5 + number / 9
            ),
        )
        for number, job in enumerate(made_jobs("residual", epochs=2))
    ]
    alone = _train(jobs, dataclasses.replace(EXACT, heads_at_once=1))
    _assert_same(_train(jobs), alone)
    plain = _train(made_jobs("residual", epochs=2))
    assert plain[1].history[-1]["loss"] != pytest.approx(alone[1].history[-1]["loss"], abs=1e-3)


def test_random_sets_of_modalities_are_each_heads_own(made_jobs):
    jobs = [
        dataclasses.replace(job, views=job.views[-1:], val_views=job.views)
        for job in made_jobs(epochs=2, draws_views=True)
    ]
    alone = _train(jobs, dataclasses.replace(EXACT, heads_at_once=1))
    _assert_same(_train(jobs), alone)


def test_cells_are_hidden_for_each_head_on_its_own(real_folds, made_jobs):
    unknown = CellDropout(np.arange(10) // 2, np.zeros(10, np.float32), 0.8)
    folds = {fold: dataclasses.replace(fold, cell_dropout={"b": unknown}) for fold in real_folds}
    jobs = [
        dataclasses.replace(job, data=folds[job.data])
        for job in made_jobs(epochs=2, hides_cells=True)
    ]
    alone = _train(jobs, dataclasses.replace(EXACT, heads_at_once=1))
    _assert_same(_train(jobs), alone)
    with_all_cells = _train(made_jobs(epochs=2))
    assert alone[0].history[-1]["loss"] != with_all_cells[0].history[-1]["loss"]


def test_heads_that_stop_early_leave_and_the_others_do_not_notice(made_jobs):
    jobs = made_jobs("residual", epochs=5)
    jobs[1] = dataclasses.replace(jobs[1], loop=dataclasses.replace(jobs[1].loop, epochs=2))
    jobs[2] = dataclasses.replace(
        jobs[2], loop=dataclasses.replace(jobs[2].loop, patience=1, learning_rate=0.3)
    )
    told = []
    heads = _train(jobs, on_finished=lambda head: told.append(head.job.name))
    assert [len(head.history) for head in heads][1] == 3
    assert len(heads[2].history) < 6
    assert told[-1] in ("residual-0", "residual-3")
    _assert_same(heads, _train(jobs, dataclasses.replace(EXACT, heads_at_once=1)))


def test_a_head_that_diverges_is_reported_and_hurts_no_other(made_jobs):
    jobs = made_jobs("residual")
    loop = dataclasses.replace(jobs[1].loop, learning_rate=1e300)
    broken = [*jobs[:1], dataclasses.replace(jobs[1], loop=loop), *jobs[2:]]
    heads = _train(broken)
    assert "of epoch 1 is" in heads[1].failure
    assert [head.failure for head in heads if head is not heads[1]] == [None] * 3
    assert all(bool(values.isfinite().all()) for values in heads[1].state.values())
    others = [job for number, job in enumerate(jobs) if number != 1]
    _assert_same([heads[0], *heads[2:]], _train(others))


def test_a_request_to_stop_keeps_what_is_finished(made_jobs):
    jobs = made_jobs("residual", n_heads=2)
    jobs[0] = dataclasses.replace(jobs[0], loop=dataclasses.replace(jobs[0].loop, epochs=1))
    told = []
    with pytest.raises(Interrupted, match="in training"):
        _train(
            jobs,
            should_stop=lambda: bool(told),
            on_finished=lambda head: told.append(head.job.name),
        )
    assert told == ["residual-0"]


def test_an_interrupted_stack_goes_on_as_if_nothing_had_been(made_jobs, tmp_path):
    jobs = made_jobs("residual", rules=StepRules(averaging=0.3))
    whole = _train(jobs)
    asked = iter([False, False, True])
    with pytest.raises(Interrupted, match="in training"):
        _train(jobs, should_stop=lambda: next(asked), unfinished=tmp_path)
    assert len(list(tmp_path.glob("*.stacked.safetensors"))) == 4
    heads = _train(jobs[2:], unfinished=tmp_path)  # also in another company
    heads = _train(jobs[:2], unfinished=tmp_path) + heads
    _assert_same(heads, whole)
    # Networks that are finished are not trained again, until whoever asked for them forgets them.
    again = _train(jobs, unfinished=tmp_path, on_epoch=lambda *_: pytest.fail("trained again"))
    _assert_same(again, whole)
    for job in jobs:
        forget(tmp_path, job)
    assert not list(tmp_path.iterdir())


def test_the_state_of_something_else_is_refused(made_jobs, tmp_path):
    jobs = made_jobs("residual", n_heads=1)
    with pytest.raises(Interrupted, match="in training"):
        _train(jobs, should_stop=lambda: True, unfinished=tmp_path)
    other = [dataclasses.replace(jobs[0], dropout=0.4, seed=9)]
    with pytest.raises(
        TrainError, match="`residual-0` was made with another seed, dropout; remove"
    ):
        _train(other, unfinished=tmp_path)
    file = next(tmp_path.iterdir())
    file.write_bytes(file.read_bytes()[:50])
    with pytest.raises(TrainError, match="not the state of a head"):
        _train(jobs, unfinished=tmp_path)


def test_jobs_of_several_shapes_come_back_in_their_order(made_jobs):
    jobs = [*made_jobs("paper", n_heads=2, epochs=1), *made_jobs("residual", n_heads=2, epochs=1)]
    mixed = [jobs[0], jobs[2], jobs[1], jobs[3]]
    heads = _train(mixed)
    assert [head.job.name for head in heads] == [job.name for job in mixed]
    with pytest.raises(ValueError, match="`paper-0` occurs twice"):
        _train([jobs[0], jobs[0]])


def test_a_head_starts_as_its_module_does_and_from_given_weights_where_there_are(made_jobs):
    jobs = made_jobs(n_heads=2, epochs=0)
    heads = _train(jobs)
    torch.manual_seed(jobs[1].seed)
    for name, values in jobs[1].architecture.build().state_dict().items():
        torch.testing.assert_close(heads[1].state[name].float(), values, rtol=0, atol=0)
    again = dataclasses.replace(jobs[0], start=heads[1].state)
    _assert_same_state(_train([again])[0], heads[1])


def _assert_same_state(one, other):
    for name, values in one.state.items():
        torch.testing.assert_close(values, other.state[name], rtol=0, atol=0)


class _Operations(TorchDispatchMode):
    def __init__(self):
        super().__init__()
        self.names = set()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.names.add(str(func))
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("kind", ["paper", "residual", "contrastive"])
def test_a_step_can_be_captured_nothing_in_it_waits_for_or_comes_from_the_host(
    real_folds, made_jobs, kind
):
    rules = StepRules(1.0, 1.0, cosine=True, averaging=0.9)
    jobs = made_jobs(kind, draws_views=True, hides_cells=True, rules=rules)
    if kind == "contrastive":
        jobs = [dataclasses.replace(job, contrast=Contrast()) for job in jobs]
    cells = {"b": CellDropout(np.arange(10), np.zeros(10, np.float32), 0.5)}
    folds = {fold: dataclasses.replace(fold, cell_dropout=cells) for fold in real_folds}
    jobs = [dataclasses.replace(job, data=folds[job.data]) for job in jobs]
    cohort = stacked_cohort(list(folds.values()), device="cpu")
    stack = start_stack(jobs, cohort, [None] * len(jobs))
    stack.start_epoch([1] * len(jobs))
    with _Operations() as operations:
        stack.step()
    waiting = ("nonzero", "_local_scalar_dense", "masked_select", "unique", "lift_fresh")
    assert not [name for name in operations.names if any(word in name for word in waiting)]


def test_a_step_beyond_the_last_row_changes_nothing(real_folds, made_jobs):
    jobs = made_jobs(rules=StepRules(averaging=0.5))
    cohort = stacked_cohort(real_folds, device="cpu")
    stack = start_stack(jobs, cohort, [None] * len(jobs))
    stack.start_epoch([1] * len(jobs))
    for _ in range(stack.n_steps):
        stack.step()
    weights = stack.weights
    tensors = [weights.rows, weights.average, weights.moments.first, weights.moments.steps]
    before, losses = [values.clone() for values in tensors], stack.mean_losses().clone()
    assert weights.moments.steps.tolist() == [-(-len(job.train) // 64) for job in jobs]
    stack.skip_step()
    torch.testing.assert_close(tensors, before, rtol=0, atol=0)
    torch.testing.assert_close(stack.mean_losses(), losses, rtol=0, atol=0)


def test_it_learns_as_much_as_the_loop_of_one_head(made_jobs):
    jobs = [
        dataclasses.replace(
            job,
            train=job.data.train,
            val=job.data.val,
            loop=dataclasses.replace(job.loop, learning_rate=1e-3, weight_decay=1e-2),
            dropout=0.2,
        )
        for job in made_jobs(n_heads=2, epochs=8)
    ]
    heads = _train(jobs, StackOptions(heads_at_once=2))
    options = FitOptions(epochs=8, patience=8, batch_size=64)
    for job, head in zip(jobs, heads, strict=True):
        data = job.data
        alone = fit_head(get_method("smd-token"), data, seed=job.seed, options=options)
        best = max(record["score"] for record in alone.history)
        assert head.history[head.best_epoch]["score"] == pytest.approx(best, abs=0.02)
        assert _score(head.network(), data) == pytest.approx(
            head.history[head.best_epoch]["score"], abs=1e-6
        )


@torch.no_grad()
def _score(network, data):
    """Score a module as the methods do, on the CPU."""
    cases = viewed_cases(data, data.val, np.array([[1, 0], [0, 1], [1, 1]], dtype=bool), "cpu")
    view, row, visible = cases.pairs()
    logits = network(cases.features, row, visible).double().numpy()
    return score_of_views(logits, cases.labels[row].double().numpy(), view.numpy(), data.task)
