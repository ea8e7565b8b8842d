from dataclasses import replace

import numpy as np
import pytest

from mmfeat.errors import TrainError
from mmfeat.fusion import get_method
from mmfeat.fusion.contract import FitOptions
from mmfeat.fusion.predicting import predict_in_parts
from mmfeat.fusion.training.running import fit_head
from mmfeat.tabular.row_file import RowFile
from mmfeat.tabular.stored_vectors import StoredVectors


def test_features_in_files_are_predicted_a_part_at_a_time(made_fold, tmp_path):
    data, _ = made_fold()
    head = fit_head(get_method("average"), data, seed=0, options=FitOptions())
    n_cases = 9000  # more than one part
    rows = np.random.default_rng(0).integers(len(data.labels), size=n_cases)
    features = {name: values[rows] for name, values in data.features.items()}
    features["m0"].tofile(tmp_path / "vectors")
    file = RowFile(tmp_path / "vectors", 0, "<f4", n_rows=n_cases, width=6)
    stored = {**features, "m0": StoredVectors.of_rows((file,), np.arange(n_cases))}
    visible = data.present[rows]
    found = predict_in_parts(head, stored, visible)
    np.testing.assert_allclose(found, predict_in_parts(head, features, visible), rtol=1e-12)
    in_files = replace(data, features={**data.features, "m0": stored["m0"].take(slice(0, 160))})
    assert data.is_in_memory
    assert not in_files.is_in_memory
    with pytest.raises(ValueError, match="some features are not in memory"):
        _ = in_files.arrays
    with pytest.raises(TrainError, match=r"`boosting` needs all features in memory.*memory_gb"):
        fit_head(get_method("boosting"), in_files, seed=0, options=FitOptions())
