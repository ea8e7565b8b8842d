from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mmfeat.config.learning import TrainSettings
from mmfeat.errors import TrainError
from mmfeat.fusion.contract import FitOptions
from mmfeat.manifest.cohort import Cohort, TargetValues
from mmfeat.stages.training.plan import HeadKey, fit_options, plan_training


@pytest.fixture
def cohort():
    """A function that makes a cohort with targets of the given kinds, named like them."""

    def make(*kinds):
        targets = {kind: TargetValues(kind, ("1",), np.zeros((2, 1))) for kind in kinds}
        return Cohort(("a", "b"), ("p", "q"), None, targets, {}, pd.DataFrame())

    return make


def _plan(cohort, n_folds=2, **settings):
    return plan_training(TrainSettings(**settings), cohort, n_folds)


def test_a_head_lies_under_its_target_method_fold_and_seed():
    key = HeadKey("cancer", "paper", fold=3, seed=1)
    assert key.folder(Path("run")) == Path("run/heads/cancer/paper/fold3-seed1")


def test_targets_of_every_kind_are_trained_on(cohort):
    kinds = ("regression", "binary", "multilabel", "time_to_event", "multiclass")
    plan = _plan(cohort(*kinds))
    assert plan.targets == kinds
    assert plan.notes == ()


def test_a_group_of_targets_is_learnt_by_the_methods_that_train_networks(cohort):
    joint = {"all": {"binary": 1.0, "regression": 0.5}}
    plan = _plan(cohort("binary", "regression"), methods=["paper", "average"], joint=joint)
    assert plan.targets == ("binary", "regression", "all")
    assert plan.methods_of("all") == ("paper",)
    assert plan.methods_of("binary") == ("paper", "average")
    assert plan.weights_of("all") == joint["all"]
    assert plan.weights_of("binary") == {"binary": 1.0}
    assert {key.method for key in plan.heads_of(0, "all")} == {"paper"}


def test_targets_asked_for_are_the_only_ones_in_the_order_asked_for(cohort):
    plan = _plan(cohort("binary", "multilabel", "multiclass"), targets=["multiclass", "binary"])
    assert plan.targets == ("multiclass", "binary")
    assert plan.notes == ()


def test_an_unknown_method_is_refused_with_the_nearest(cohort):
    with pytest.raises(TrainError, match=r"unknown method `logistc`; did you mean `logistic`\?"):
        _plan(cohort("binary"), methods=["paper", "logistc"])


def test_a_method_without_chance_has_one_head_for_all_seeds(cohort):
    plan = _plan(cohort("binary"), methods=["paper", "average"], seeds=[4, 2, 7])
    assert plan.seeds_of("paper") == (4, 2, 7)
    assert plan.seeds_of("average") == (0,)
    assert list(plan.heads_of(1, "binary")) == [
        *(HeadKey("binary", "paper", 1, seed) for seed in (4, 2, 7)),
        HeadKey("binary", "average", 1, 0),
    ]


def test_heads_are_counted_as_they_are_named(cohort):
    made = cohort("binary", "multiclass")
    plan = _plan(made, 5, methods=["paper", "average", "logistic"], seeds=[0, 1])
    named = [key for fold in range(5) for name in plan.targets for key in plan.heads_of(fold, name)]
    assert len(named) == len(set(named)) == plan.n_heads == 5 * 2 * (2 + 1 + 1)


def test_every_number_of_training_comes_from_its_setting():
    numbers = {
        "epochs": 7,
        "patience": 3,
        "batch_size": 11,
        "learning_rate": 0.5,
        "weight_decay": 0.25,
        "dropout": 0.125,
        "contrastive_epochs": 2,
    }
    assert fit_options(TrainSettings(**numbers)) == FitOptions(**numbers)
    assert fit_options(TrainSettings()) == FitOptions()
