import numpy as np
import pytest

from mmfeat.fusion.contract import FitOptions
from mmfeat.fusion.imbalance import added_logits, as_offsets, rarest_class
from mmfeat.fusion.paper import SMD_TOKEN
from mmfeat.fusion.task import Task, TaskPart
from mmfeat.fusion.training.running import fit_head

NAN = np.nan
BINARY = Task.single("binary")


def _labels(n_positive, n_cases):
    return (np.arange(n_cases) < n_positive).astype(float)[:, None]


@pytest.mark.parametrize(
    ("labels", "task", "expected"),
    [
        (_labels(1, 10), BINARY, (0.1, 1)),
        (1 - _labels(1, 10), BINARY, (0.1, 1)),
        ([[0.0], [1], [1], [2], [NAN]], Task.single("multiclass", 3), (0.25, 1)),
        ([[0.0], [1]], Task.single("multiclass", 3), (0.0, 0)),
        ([[0.0, 0], [1, 0], [1, 0], [NAN, 1]], Task.single("multilabel", 2), (0.25, 1)),
        ([[0.3], [7.0]], Task.single("regression"), None),
        ([[NAN]], BINARY, None),
    ],
)
def test_the_rarest_class_is_found_among_all_labels(labels, task, expected):
    assert rarest_class(np.array(labels), task) == expected


def test_base_rates_are_added_by_the_rule():
    rare, common = _labels(19, 100), _labels(20, 100)
    assert added_logits(rare, BINARY, "auto") == pytest.approx((np.log(19.5 / 81.5),))
    assert added_logits(common, BINARY, "auto") == ()
    assert added_logits(_labels(50, 600), BINARY, "auto") == ()
    assert len(added_logits(_labels(49, 600), BINARY, "auto")) == 1
    assert added_logits(common, BINARY, "always") == pytest.approx((np.log(20.5 / 80.5),))
    assert added_logits(rare, BINARY, "never") == ()
    assert added_logits(np.zeros((5, 1)), Task.single("regression"), "always") == ()


def test_beside_a_rare_class_a_number_keeps_its_mean():
    both = Task((TaskPart("binary", 1), TaskPart("regression", 1)))
    labels = np.hstack([_labels(1, 20), np.full((20, 1), 0.25)])
    assert added_logits(labels, both, "auto")[1] == pytest.approx(0.25)


def test_offsets_are_one_view_for_all():
    assert as_offsets((), 7) is None
    assert as_offsets((1.0, -2.0), 7).shape == (1, 7, 2)


def test_a_network_that_has_not_learnt_answers_with_the_base_rate_also_when_read_again(
    made_fold, tmp_path
):
    data, test = made_fold()
    data.labels[:] = (np.arange(len(data.labels)) % 12 == 0)[:, None]
    options = FitOptions(epochs=1, learning_rate=1e-9, dropout=0.0)
    arguments = {"seed": 0, "device": "cpu", "should_stop": lambda: False}
    head = fit_head(SMD_TOKEN, data, options=options, **arguments)
    plain = fit_head(
        SMD_TOKEN, data, options=FitOptions(**{**vars(options), "base_rates": "never"}), **arguments
    )
    features = {name: values[test] for name, values in data.features.items()}
    visible = data.present[test]
    added = head.logits(features, visible) - plain.logits(features, visible)
    train = data.usable(data.train)
    expected = added_logits(data.labels[train], BINARY, "always")
    np.testing.assert_allclose(added, expected[0], atol=1e-5)
    head.save(tmp_path)
    again = SMD_TOKEN.load(tmp_path)
    np.testing.assert_array_equal(again.predict(features, visible), head.predict(features, visible))
