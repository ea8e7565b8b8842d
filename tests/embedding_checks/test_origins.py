"""Where a scan was made: told where the embedding shows it, and not else."""

import numpy as np

from mmfeat.embedding_checks.origins import origin_scores
from mmfeat.metrics import auroc_within_folds

PATIENTS = np.repeat(np.arange(60), 2)


def _auroc(places, origins):
    scores, folds = origin_scores(places, origins, PATIENTS, seed=0)
    assert np.allclose(scores.sum(axis=1), 1)
    for fold in range(5):  # patients are on one side
        assert not set(PATIENTS[folds == fold]) & set(PATIENTS[folds != fold])
    return auroc_within_folds(origins == 1, scores[:, 1], folds)


def test_an_origin_that_shifts_the_embedding_is_told_and_another_not():
    random = np.random.default_rng(0)
    origins = np.repeat(random.integers(0, 3, 60), 2)
    places = random.normal(size=(120, 4))
    assert _auroc(places, origins) < 0.7
    assert _auroc(places + 2 * np.eye(4)[origins], origins) > 0.9


def test_the_patient_s_other_scan_gives_nothing_away():
    random = np.random.default_rng(1)
    origins = np.repeat(random.integers(0, 2, 60), 2)
    places = np.repeat(random.normal(size=(60, 30)), 2, axis=0)  # both scans look the same
    assert _auroc(places, origins) < 0.7


def test_an_origin_of_one_patient_is_never_told():
    origins, patients = np.zeros(120, np.int64), np.repeat(np.arange(12), 10)
    origins[:10] = 1
    scores, folds = origin_scores(np.zeros((120, 1)), origins, patients, seed=0)
    assert scores[:10, 1].tolist() == [0.0] * 10
    assert len(np.unique(folds)) == 5
