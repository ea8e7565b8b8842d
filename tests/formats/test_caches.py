"""Caches of every released version are read as they were written."""

import json
import shutil

import numpy as np
import pytest

from mmfeat.cache.browsing import open_caches
from mmfeat.config.loading import load_project
from mmfeat.progress import Silent
from mmfeat.stages.extraction.extract import extract

from .reading import rows_of_cache
from .released import CACHES


@pytest.mark.parametrize("name", CACHES)
def test_features_tokens_and_failures_are_what_they_were(released, name):
    folder = released / "caches"
    (cache,) = open_caches(folder / name)
    assert cache.verify() == []
    known = json.loads((folder / "values.json").read_text())[name]
    found = json.loads(json.dumps(rows_of_cache(folder / f"{name}.yaml")))
    assert list(found["features"]) == list(known["features"])
    for case, row in known["features"].items():
        np.testing.assert_array_equal(found["features"][case], row)
    assert found == known


def test_nothing_is_embedded_again_after_an_upgrade(released, tmp_path):
    folder = tmp_path / "caches"
    shutil.copytree(released / "caches", folder, copy_function=shutil.copyfile)  # of another time
    project = load_project(folder / "vectors.yaml")
    (report,) = extract(project, progress=Silent(), should_stop=lambda: False).modalities
    assert (report.n_extracted, report.n_done_before, len(report.failures)) == (0, 4, 1)
    known = json.loads((folder / "values.json").read_text())["vectors"]["features"]
    assert rows_of_cache(folder / "vectors.yaml")["features"] == known
