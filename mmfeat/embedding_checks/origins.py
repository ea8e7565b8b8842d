"""Can it be told from an embedding where its scan was made?"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmfeat.embedding_checks.spectrum import Array

_FOLDS = 5


def origin_scores(
    places: Array, origins: ArrayLike, patient_ids: ArrayLike, *, seed: int
) -> tuple[Array, NDArray[np.int64]]:
    """Predict each case's origin by a logistic regression that saw other patients only.

    Five folds of patients, origins spread evenly over them; the default penalty.

    Shape:
        - ``places``: ``(cases, components)``; ``origins``: ``(cases,)``, whole numbers from 0;
          ``patient_ids``: ``(cases,)``.

    Returns:
        Probabilities ``(cases, origins)``, and the fold of each case ``(cases,)``.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    label = np.asarray(origins, dtype=np.int64)
    n_origins = int(label.max(initial=-1)) + 1
    scores, fold_of = np.zeros((len(label), n_origins)), np.zeros(len(label), np.int64)
    parts = StratifiedGroupKFold(_FOLDS, shuffle=True, random_state=seed)
    for number, (train, test) in enumerate(parts.split(places, label, np.asarray(patient_ids))):
        fold_of[test] = number
        seen = np.unique(label[train])
        if len(seen) < 2:
            scores[test, seen] = 1.0
            continue
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
        model.fit(places[train], label[train])
        scores[np.ix_(test, seen)] = model.predict_proba(places[test])
    return scores, fold_of
