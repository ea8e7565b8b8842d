import contextlib
import dataclasses

import numpy as np
import pytest

from mmfeat.errors import TrainError
from mmfeat.fusion import get_method
from mmfeat.fusion.contract import FitOptions
from mmfeat.fusion.paper import CONCAT_ZERO, PAPER, PUBLISHED, RANDOM_DROPOUT, SMD_TOKEN, SMD_ZERO
from mmfeat.fusion.training.network_jobs import Contrast, StepRules, TrainedNetwork
from mmfeat.fusion.training.running import fit_head
from mmfeat.fusion.views import every_view

QUICK = FitOptions(epochs=2, contrastive_epochs=2)
EPOCH = {"epoch": 0, "loss": 0.7, "score": 0.5, "validation": 0.7}


def _fit(name, data, **options):
    options = dataclasses.replace(QUICK, **options)
    return fit_head(get_method(name), data, seed=0, options=options)


def _asked_for(method, data, **options):
    """Return the networks that a method asks for, without training any."""
    course = method.course(data, seed=0, options=dataclasses.replace(QUICK, **options))
    rounds = [next(course)]
    with contextlib.suppress(StopIteration):
        while True:
            made = [
                TrainedNetwork(job, job.start or job.architecture.build().state_dict(), [EPOCH], 0)
                for job in rounds[-1]
            ]
            rounds.append(course.send(made))
    return [job for of_round in rounds for job in of_round]


def _stages(head):
    return [record["stage"] for record in head.history]


def test_a_validation_part_without_labels_is_an_error_that_says_what_to_do(made_fold):
    data, _ = made_fold()
    labels = data.labels.copy()
    labels[data.val] = np.nan
    with pytest.raises(TrainError, match=r"no labelled case; raise `cohort\.split\.val_share`"):
        _fit("paper", dataclasses.replace(data, labels=labels))


def test_the_first_stage_is_left_out_where_it_is_not_wanted_or_has_nothing_to_compare(made_fold):
    data, _ = made_fold()
    assert _stages(_fit("paper", data)) == ["contrastive"] * 3 + ["target"] * 3
    assert _stages(_fit("paper", data, contrastive_epochs=0)) == ["target"] * 3
    assert _stages(_fit("smd-token", data)) == ["target"] * 3
    alone, _ = made_fold(widths=(4,), missing=0.0)
    assert _stages(_fit("paper", alone)) == ["target"] * 3


def test_the_published_defects_come_back_with_their_switches_and_are_gone_without(made_fold):
    data, _ = made_fold()
    clipped = {"largest_norm": 1.0, "warmup_epochs": 1.0, "cosine": True, "averaging": 0.9}
    first, second = _asked_for(PUBLISHED, data, **clipped)
    assert first.start["bias"] == -10
    assert first.contrast == Contrast(False, published_bias=True, clamps_temperature=False)
    assert not first.start["network.tokens._tokens.0"].any()
    assert (first.rules, second.rules) == (StepRules(), StepRules())
    assert not second.hides_cells
    first, second = _asked_for(PAPER, data, **clipped)
    assert first.start["bias"] == pytest.approx(0, abs=1e-5)
    assert first.contrast == Contrast()
    assert first.start["network.tokens._tokens.0"].abs().max() > 0.001
    assert first.rules == second.rules == StepRules(1.0, 1.0, cosine=True, averaging=0.9)
    assert second.hides_cells


@pytest.mark.parametrize(
    "switch",
    [
        {"contrast": Contrast(balanced_pairs=False)},
        {"contrast": Contrast(published_bias=True)},
        {"token_deviation": 0.0},
        {"supervised": "random"},
        {"learnable_tokens": False},
    ],
)
def test_each_switch_changes_the_head(made_fold, switch):
    data, test = made_fold()
    rarer = data.labels * (np.arange(len(data.labels)) % 3 > 0)[:, None]
    data = dataclasses.replace(data, labels=rarer)  # at one half, balancing pairs changes nothing
    features = {name: values[test] for name, values in data.features.items()}
    changed, plain = (
        fit_head(method, data, seed=0, options=QUICK).predict(features, data.present[test])
        for method in (dataclasses.replace(PAPER, **switch), PAPER)
    )
    assert np.abs(changed - plain).max() > 1e-6


def test_the_second_stage_starts_from_all_of_the_first_but_its_projection(made_fold):
    data, _ = made_fold()
    first, second = _asked_for(PAPER, data)
    names = set(second.architecture.build().state_dict())
    assert set(second.start) == names
    assert set(first.start) - {f"network.{name}" for name in names} == {
        "bias",
        "log_temperature",
        *(f"projection.{n}.{what}" for n in (0, 2) for what in ("weight", "bias")),
    }


def test_the_ablations_supervise_what_they_are_named_for(made_fold):
    data, _ = made_fold()
    for method, views, draws in (
        (SMD_TOKEN, every_view(2), False),
        (RANDOM_DROPOUT, every_view(2)[-1:], True),
        (CONCAT_ZERO, every_view(2)[-1:], False),
    ):
        (job,) = _asked_for(method, data)
        np.testing.assert_array_equal(job.views, views)
        np.testing.assert_array_equal(job.scored_views, every_view(2))
        assert job.draws_views == draws
    tokens = {
        method.name: _asked_for(method, data)[0].architecture.build().tokens[0].requires_grad
        for method in (SMD_TOKEN, SMD_ZERO)
    }
    assert tokens == {"smd-token": True, "smd-zero": False}
