import json

import numpy as np
import pytest

from mmfeat.calibration.conformal import ClassConformal
from mmfeat.calibration.feature_distance import FeatureDistance
from mmfeat.errors import TrainError
from mmfeat.stages.predicting.comparisons import Comparison
from mmfeat.stages.predicting.references import References
from mmfeat.tabular.known_values import KnownValues


@pytest.fixture
def references():
    random = np.random.default_rng(0)
    yes = random.random(20)
    part = ClassConformal.fit(
        np.stack([1 - yes, yes], 1), classes=np.arange(20) % 2, folds=np.arange(20) % 2
    )
    vectors, numbers = random.standard_normal((30, 4)), np.arange(30)
    distance = FeatureDistance.fit(vectors, [(numbers[:20], numbers[20:])])
    return References.of(
        base_rates={("cancer", "paper"): np.array([0.25, np.nan])},
        known={"clinical": {"age": KnownValues((1.0, 2.0))}},
        encoders={"ct": {"name": "intensity-stats"}},
        n_cases=30,
        comparisons={("cancer", "paper", "ct"): Comparison(("1",), (part,), "natural")},
        distances={"ct": distance},
    )


def test_what_was_saved_is_read_again(references, tmp_path):
    references.save(tmp_path)
    again = References.load(tmp_path)
    np.testing.assert_array_equal(again.base_rates["cancer", "paper"], [0.25, np.nan])
    assert (again.known, again.encoders, again.n_cases) == (
        references.known,
        references.encoders,
        30,
    )
    new = np.random.default_rng(1).random((2, 3, 1))
    ones = [
        one.comparison("cancer", "paper", "ct").cover(new, level=0.9) for one in (references, again)
    ]
    np.testing.assert_array_equal(ones[0].p_true, ones[1].p_true)
    assert again.comparison("cancer", "paper", "clinical") is None
    vectors = np.random.default_rng(2).standard_normal((3, 4))
    for one, other in zip(
        references.distances["ct"].measure(vectors),
        again.distances["ct"].measure(vectors),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


def test_a_folder_without_them_says_how_to_make_them(tmp_path):
    with pytest.raises(TrainError, match=r"no references\.json.*run `mmfeat eval` first"):
        References.load(tmp_path)


def test_torn_or_foreign_files_are_never_read_as_good(references, tmp_path):
    references.save(tmp_path)
    arrays, state = tmp_path / "references.safetensors", tmp_path / "references.json"
    good = arrays.read_bytes()
    arrays.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    with pytest.raises(TrainError, match=r"is not the one that references\.json was written with"):
        References.load(tmp_path)
    arrays.unlink()
    with pytest.raises(TrainError, match="cannot be read"):
        References.load(tmp_path)
    arrays.write_bytes(good)
    known = json.loads(state.read_text())
    state.write_text(json.dumps({**known, "format": 9}))
    with pytest.raises(TrainError, match="of format 9, this version reads 1"):
        References.load(tmp_path)
    state.write_text(json.dumps({"format": 1}))
    with pytest.raises(TrainError, match="cannot be read"):
        References.load(tmp_path)
    state.write_text("{")
    with pytest.raises(TrainError, match="run `mmfeat eval` again"):
        References.load(tmp_path)
