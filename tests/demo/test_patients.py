"""Made-up patients are believable, and stay the same people a year later."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfeat.demo.patients import SMOKING, a_year_later, draw_lesions, draw_record, pack_score


@given(seed=st.integers(0, 2**32 - 1))
def test_records_hold_together(seed):
    record = draw_record(np.random.default_rng(seed))
    assert 45 <= record.age <= 85
    assert record.smoking_status in SMOKING
    assert (record.pack_years == 0) == (record.smoking_status == "never")
    assert (record.quit_years is not None) == (record.smoking_status == "former")
    assert record.performance_status in (0, 1, 2, 3)


@given(seed=st.integers(0, 2**32 - 1), years=st.floats(0.9, 1.3))
def test_a_year_later_the_patient_is_older_and_the_nodule_not_smaller(seed, years):
    rng = np.random.default_rng(seed)
    record = draw_record(rng)
    lesions = draw_lesions(rng, record.pack_years)
    later, grown = a_year_later(rng, record, lesions, years)
    assert later.age == pytest.approx(record.age + years)
    assert (later.sex, later.family_history) == (record.sex, record.family_history)
    assert later.pack_years >= record.pack_years
    assert grown.diameter_mm >= lesions.diameter_mm
    assert grown.spiculation == lesions.spiculation
    assert 0 <= grown.emphysema <= 1


def test_pack_score_has_mean_zero_and_deviation_one_over_the_population():
    rng = np.random.default_rng(0)
    scores = [pack_score(draw_record(rng).pack_years) for _ in range(4000)]
    assert np.mean(scores) == pytest.approx(0, abs=0.06)
    assert np.std(scores) == pytest.approx(1, abs=0.06)
