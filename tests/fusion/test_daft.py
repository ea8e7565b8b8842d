import pytest

from mmfeat.fusion import get_method
from mmfeat.fusion.networks.network_inputs import NetworkInputs
from mmfeat.fusion.task import Task


@pytest.mark.parametrize(
    ("records", "scaled"), [(["clinical"], 1), (["clinical", "ct", "blood"], 0), ([], 0)]
)
def test_the_first_image_is_scaled_or_else_the_first_modality(records, scaled):
    inputs = NetworkInputs({"clinical": 3, "ct": 8, "blood": 2}, frozenset(records))
    architecture = get_method("daft").design(inputs, Task.single("binary"))
    assert architecture.scaled == scaled
    assert architecture.widths == (3, 8, 2)
