"""What is known of a cohort before its download is looked at."""

import pytest
from mmfeat.data_manifests.opening import public_cohort

from mmfeat.errors import CohortError


def test_the_first_variant_is_taken_when_none_is_asked_for():
    cohort = public_cohort("nlst")
    assert cohort.variant(None) == next(iter(cohort.variants)) == cohort.default_variant
    assert cohort.variant(cohort.default_variant) == cohort.default_variant


def test_an_unknown_variant_is_told_with_those_there_are():
    with pytest.raises(CohortError, match=r"--variant dicm: nlst has .*did you mean `dicom`\?"):
        public_cohort("nlst").variant("dicm")


def test_an_unknown_cohort_is_told_with_what_it_may_be_called():
    with pytest.raises(CohortError, match=r"nslt: no such cohort.*did you mean `nlst`\?"):
        public_cohort("nslt")
