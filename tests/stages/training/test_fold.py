import numpy as np
import pandas as pd
import pytest

from mmfeat.errors import TrainError
from mmfeat.manifest.cohort import Cohort, Fold
from mmfeat.stages.training.fold import check_patients_apart, digest_of_split


def _fold(train, val, test):
    return Fold(*(np.array(rows, dtype=np.int64) for rows in (train, val, test)))


@pytest.fixture
def cohort():
    return Cohort(
        case_ids=("a", "b", "c", "d"),
        patient_ids=("p1", "p1", "p2", "p3"),
        sites=None,
        targets={},
        sources={},
        frame=pd.DataFrame(),
    )


def test_a_patient_on_both_sides_is_refused_by_name(cohort):
    with pytest.raises(TrainError, match=r"fold 3: 1 patients .* the first is `p1`"):
        check_patients_apart(cohort, _fold([0, 2], [3], [1]), 3)


def test_a_patient_in_one_part_passes(cohort):
    check_patients_apart(cohort, _fold([0, 1], [3], [2]), 0)


def test_the_digest_tells_parts_apart_and_nothing_else(cohort):
    one = digest_of_split(cohort, _fold([0, 1], [3], [2]))
    assert one == digest_of_split(cohort, _fold([0, 1], [3], [2]))
    assert one != digest_of_split(cohort, _fold([0, 1], [2], [3]))
