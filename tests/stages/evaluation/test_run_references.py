import json

import numpy as np
import pandas as pd
import pytest

from mmfeat.stages.predicting.references import References

from ..predicted_cohort import N_CASES


@pytest.fixture(scope="module")
def references(referenced):
    return References.load(referenced.path("run"))


def test_every_set_of_predictions_has_a_comparison(references, referenced):
    frame = pd.read_parquet(referenced.path("run/predictions.parquet"))
    keys = frame[["target", "method", "availability"]].drop_duplicates()
    assert set(references.views) == set(keys.itertuples(index=False, name=None))
    seen = frame[(frame.target == "cancer") & (frame.method == "logistic")]
    seen = seen[(seen.regime == "simulated") & (seen.availability == "ct")]
    comparison = references.comparison("cancer", "logistic", "ct")
    assert comparison.regime == "simulated"
    assert sum(comparison.parts[0].n_cases) == len(seen)
    yes = np.sort(seen.prediction[seen.label == 1])
    np.testing.assert_array_equal(np.sort(comparison.parts[0].support[1]), yes)


def test_values_and_distances_are_of_the_cases_trained_on(references, referenced):
    table = pd.read_csv(referenced.path("manifest.csv"))
    assert references.n_cases == N_CASES
    known = references.known["clinical"]
    assert known["age"].range == (table.age.min(), table.age.max())
    assert known["lobe"].labels == ("lower", "upper")
    assert list(references.distances) == ["ct"]
    assert len(references.distances["ct"].quantiles) == table.ct.notna().sum()


def test_base_rates_are_those_of_the_labels(references, referenced):
    table = pd.read_csv(referenced.path("manifest.csv"))
    for method in ("logistic", "concat-zero"):
        assert references.base_rates["cancer", method][0] == pytest.approx(table.cancer.mean())
        assert references.base_rates["fev1", method][0] == pytest.approx(table.fev1.mean())


def test_the_encoder_is_the_one_of_the_cache(references, referenced):
    (recipe,) = referenced.path("cache/ct").glob("*/recipe.json")
    assert references.encoders == {"ct": json.loads(recipe.read_text())}


def test_nothing_names_a_case_or_a_patient(referenced):
    text = referenced.path("run/references.json").read_text()
    arrays = referenced.path("run/references.safetensors").read_bytes()
    for number in range(N_CASES):
        for name in (f"c{number:02d}", f"p{number:02d}"):
            assert f'"{name}"' not in text
            assert name.encode() + b'"' not in arrays
