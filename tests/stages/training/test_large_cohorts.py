"""Cohorts larger than the memory allowed, from the cache to predictions."""

import numpy as np
import pytest
from safetensors.numpy import load_file

from mmfeat.config.loading import load_project
from mmfeat.progress import Silent
from mmfeat.stages.caches.importing import ImportTarget, import_embeddings
from mmfeat.stages.evaluation.prediction import predict_run
from mmfeat.stages.training.train import train

from ..training_cohort import write_training_cohort

METHODS = ("smd-token", "mmfeat")


def _train(file, **settings):
    project = load_project(file, [f"train.{name}={value}" for name, value in settings.items()])
    report = train(project, progress=Silent(), should_stop=lambda: False)
    return report, predict_run(project, Silent()).views


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Reports and predictions of one cohort that was trained in memory, and then from the cache."""
    folder = tmp_path_factory.mktemp("large")
    file = write_training_cohort(folder)
    made = import_embeddings([folder / "ct.npz"], ImportTarget(folder / "cache", "ct", "made-up"))
    file.write_text(file.read_text().replace("ct.npz", str(made.folder.relative_to(folder))))
    shared = {"methods": f"[{','.join(METHODS)}]", "seeds": "[0]", "workers": 1}
    return (
        _train(file, **shared, run="in-memory"),
        _train(file, **shared, run="from-cache", memory_gb="1e-9"),
    )


def test_networks_are_the_same_bit_for_bit_and_linear_models_up_to_rounding(both):
    (in_memory, _), (from_cache, _) = both
    heads = sorted(
        path.relative_to(in_memory.run) for path in in_memory.run.rglob("model.safetensors")
    )
    assert len(heads) == 2 * len(METHODS)
    for head in heads:
        expected, found = load_file(in_memory.run / head), load_file(from_cache.run / head)
        assert found.keys() == expected.keys()
        for name, values in expected.items():
            np.testing.assert_allclose(found[name], values, atol=1e-5, err_msg=f"{head} {name}")


def test_predictions_agree(both):
    (_, in_memory), (_, from_cache) = both
    assert len(in_memory) == len(from_cache)
    np.testing.assert_allclose(from_cache["prediction"], in_memory["prediction"], atol=5e-3)


def test_the_report_says_what_stays_in_the_cache(both):
    (in_memory, _), (from_cache, _) = both
    (note,) = set(from_cache.notes) - set(in_memory.notes)
    assert note.startswith("`ct`: features of 90 cases (1.4 kB) stay in the cache and are read as")
