"""Harrell's C alone is that of all metrics of times."""

import numpy as np
import pytest

from mmfeat.metrics import concordance_index
from mmfeat.metrics.concordance_alone import ConcordanceAlone
from mmfeat.metrics.metric_set import MetricKey

KEY = MetricKey("c_index")


def test_it_is_the_concordance_index_of_the_known_cases():
    random = np.random.default_rng(0)
    signed = random.integers(1, 30, 40) * random.choice([-1.0, 1.0], 40)
    signed[:3] = np.nan
    risks, folds = random.random(40), random.integers(0, 3, 40)
    alone = ConcordanceAlone(signed, risks, folds=folds)
    expected = concordance_index(np.abs(signed[3:]), signed[3:] >= 0, risks[3:], folds=folds[3:])
    assert alone(np.ones((1, 40)))[KEY][0] == pytest.approx(expected, rel=1e-12)
    assert alone.counts(KEY) == (37, int((signed >= 0).sum()))
    assert alone.n_cases == 40
    assert alone.left_out(KEY) is None


@pytest.mark.parametrize(
    ("signed", "reason"),
    [([-1.0, -2.0], "none of 2 cases had the event"), ([2.0, -1.0], "in no fold was a case")],
)
def test_why_there_is_none(signed, reason):
    alone = ConcordanceAlone(signed, [0.1, 0.2], folds=[0, 0])
    assert np.isnan(alone(np.ones((1, 2)))[KEY][0])
    assert alone.reason_undefined(KEY).startswith(reason)
