import dataclasses
import json

import numpy as np
import pytest

from mmfeat.errors import TrainError
from mmfeat.fusion.networks.daft_network import DaftArchitecture
from mmfeat.fusion.networks.network_inputs import NetworkInputs
from mmfeat.tabular.scan_set import ScanSet


@pytest.fixture
def data(made_fold):
    data, _ = made_fold(widths=(4, 3))
    tokens = ScanSet(np.zeros((160, 7), np.float32), np.arange(161), np.zeros(160))
    return dataclasses.replace(data, sets={"m0": tokens})


def test_sets_are_read_only_where_asked_for(data):
    vectors, sets = (NetworkInputs.of(data, reads_sets=reads) for reads in (False, True))
    assert vectors.after_pooling == (4, 3)
    assert sets.after_pooling == (7, 3)
    network = DaftArchitecture((7, 3), 1)
    assert vectors.behind_pooling(network) == network
    assert sets.behind_pooling(network).set_widths == (7, None)


def test_plain_values_bring_it_back(data):
    inputs = NetworkInputs.of(data, reads_sets=True)
    assert NetworkInputs.from_json(json.loads(json.dumps(inputs.to_json()))) == inputs


def test_without_any_set_the_error_says_where_they_come_from(data):
    with pytest.raises(TrainError, match="`features: tokens` or `several: set`"):
        NetworkInputs.of(dataclasses.replace(data, sets={}), reads_sets=True)


def test_sets_of_another_width_or_none_are_refused(data):
    inputs = NetworkInputs.of(data, reads_sets=True)
    other = ScanSet(np.zeros((1, 6), np.float32), np.array([0, 1]), np.zeros(1))
    for sets in (None, {"m0": other}):
        with pytest.raises(ValueError, match=r"sets must be \{'m0': 7\}"):
            inputs.check_sets(sets)
    assert list(inputs.check_sets({**data.sets, "m1": other})) == ["m0"]
