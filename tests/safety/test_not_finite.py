"""A feature that is NaN or infinite is a failure with a reason, and no row."""

import pytest

from .caches import cache_folder, contents

SPOILED = """
import numpy as np
from mmfeat.encoders.statistics.intensity_stats import IntensityStats
real, calls = IntensityStats.pool, []

def pool(self, features):
    feature = real(self, features).copy()
    calls.append(1)
    if len(calls) == 3:
        feature[-1] = {value}
    return feature

IntensityStats.pool = pool
"""


@pytest.mark.parametrize("value", ["np.nan", "np.inf", "-np.inf"])
def test_it_is_listed_and_the_other_cases_are_kept(host, cohort, value):
    ended = host.run("extract", folder=cohort.folder, before=SPOILED.format(value=value))
    assert ended.code == 3, ended.err
    assert ended.out.count("the encoder's feature is NaN or infinite") == 1
    folder = cache_folder(cohort.folder)
    ((case_id, _),) = folder.failures()
    stored = {case for case, _ in contents(folder)}
    assert stored == cohort.scans.keys() - {case_id}
    assert host.run("extract", folder=cohort.folder).code == 3  # its file has not changed
    assert host.run("extract", "--retry-failed", folder=cohort.folder).code == 0
    assert {case for case, _ in contents(folder)} == cohort.scans.keys()
    assert folder.failures() == {}
