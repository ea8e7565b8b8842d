import numpy as np
import pytest
import torch

from mmfeat.errors import TrainError
from mmfeat.fusion import get_method
from mmfeat.fusion.contract import FitOptions, FoldData
from mmfeat.fusion.portable.head_module import head_module
from mmfeat.fusion.portable.seen_sets import all_sets
from mmfeat.fusion.task import Task, TaskPart
from mmfeat.fusion.training.running import fit_head
from mmfeat.fusion.views import every_view

N = 70
OPTIONS = FitOptions(epochs=3, contrastive_epochs=1)
TASKS = {
    "binary": Task.single("binary"),
    "several": Task((TaskPart("multiclass", 3), TaskPart("regression", 1))),
}


def _data(task: Task, *, n_modalities: int = 2) -> FoldData:
    random = np.random.default_rng(0)
    names = ("ct", "record", "pet")[:n_modalities]
    features = {
        name: random.standard_normal((N, 3 + place)).astype(np.float32)
        for place, name in enumerate(names)
    }
    present = random.random((N, n_modalities)) < 0.8
    present[~present.any(axis=1), 0] = True
    score = features["ct"][:, 0] + features["record"][:, 0]
    columns = {"binary": [score > 0], "several": [np.digitize(score, [-1, 1]), score]}
    name = "binary" if len(task.parts) == 1 else "several"
    labels = np.stack(columns[name], axis=1).astype(np.float64)
    rows = np.arange(N)
    return FoldData(
        features,
        present,
        labels,
        task,
        tuple(str(row) for row in rows),
        rows[:50],
        rows[50:],
        records=frozenset({"record"}),
    )


@pytest.mark.parametrize("kind", list(TASKS))
@pytest.mark.parametrize(
    "method",
    [
        "mmfeat",
        "logistic",
        "average",
        "boosting",
        "boosting-average",
        "image-only",
        "paper",
        "daft",
        "tnf",
        "masked-transformer",
    ],
)
def test_a_module_answers_as_the_head_does_through_every_set(method, kind):
    data = _data(TASKS[kind])
    head = fit_head(get_method(method), data, seed=0, options=OPTIONS)
    module = head_module(head)
    for view in every_view(2):
        visible = np.tile(view, (N, 1))
        with torch.inference_mode():
            found = module(
                [torch.from_numpy(values) for values in data.features.values()],
                torch.from_numpy(visible),
            )
        wanted = head.predict(data.features, visible)
        np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-5, atol=1e-6)


def test_the_networks_of_the_default_method_are_in_the_module():
    data = _data(TASKS["binary"])
    head = fit_head(get_method("mmfeat"), data, seed=0, options=OPTIONS)
    random = torch.Generator().manual_seed(0)
    network = torch.nn.Linear(1, 1)
    network.forward = lambda _features, _rows, visible: torch.randn(
        len(visible), 1, generator=random
    )
    shared = type(head)(**{**vars(head), "networks": (network,), "shares": {(0, 1): 0.5}})
    visible = np.ones((N, 2), dtype=bool)
    wanted = shared.predict(data.features, visible)
    random.manual_seed(0)
    with torch.inference_mode():
        found = head_module(shared)(
            [torch.from_numpy(values) for values in data.features.values()],
            torch.from_numpy(visible),
        )
    np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-5, atol=1e-6)
    assert not np.allclose(wanted, head.predict(data.features, visible))


def test_what_is_not_visible_does_not_count():
    data = _data(TASKS["binary"])
    module = head_module(fit_head(get_method("paper"), data, seed=0, options=OPTIONS))
    visible = torch.tensor([[True, False]] * N)
    features = [torch.from_numpy(values) for values in data.features.values()]
    with torch.inference_mode():
        before = module(features, visible)
        after = module([features[0], features[1] + 9], visible)
    torch.testing.assert_close(before, after, rtol=0, atol=0)


def test_more_modalities_than_can_be_told_apart_are_refused():
    assert len(all_sets(3)) == 7
    with pytest.raises(ValueError, match="at most 6 modalities"):
        all_sets(7)


def test_heads_that_read_sets_are_refused():
    data = _data(TASKS["binary"])
    head = fit_head(get_method("paper"), data, seed=0, options=OPTIONS)
    inputs = type(head.inputs)(head.inputs.widths, head.inputs.records, {"ct": 3})
    with pytest.raises(TrainError, match="have no form for other runtimes"):
        head_module(type(head)(**{**vars(head), "inputs": inputs}))
