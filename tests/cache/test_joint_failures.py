"""A success anywhere wins over a failure; of two failures the newer counts."""

from mmfeat.cache import Failure
from mmfeat.cache.joint_failures import Outcome, joint_failures


def _outcome(*failures: Failure, embedded=()) -> Outcome:
    return Outcome({failure.key: failure for failure in failures}, set(embedded))


def _failure(case_id="a", path="p", reason="is torn", when="2025-01-01T00:00:00+00:00"):
    return Failure(case_id, path, reason, "s", when)


def test_a_failure_stays_where_nobody_succeeded():
    failure = _failure()
    assert joint_failures([_outcome(failure), _outcome(embedded=[("b", "x")])]) == {
        ("a", "p"): failure
    }


def test_a_success_of_another_folder_wins_in_either_order():
    outcomes = [_outcome(_failure()), _outcome(embedded=[("a", "x")])]
    assert joint_failures(outcomes) == joint_failures(outcomes[::-1]) == {}


def test_the_newest_reason_counts_in_either_order():
    old, new = _failure(), _failure(reason="is empty", when="2025-01-02T00:00:00+00:00")
    for outcomes in ([old, new], [new, old]):
        assert joint_failures([_outcome(one) for one in outcomes]) == {("a", "p"): new}


def test_one_failed_scan_of_a_case_stays_when_only_its_others_were_embedded():
    embedded = [("a", "x")]
    failure = _failure()
    assert joint_failures([_outcome(failure, embedded=embedded), _outcome(embedded=embedded)]) == {
        ("a", "p"): failure
    }


def test_one_failed_scan_of_a_case_goes_when_another_folder_embedded_one_more():
    outcomes = [
        _outcome(_failure(), embedded=[("a", "x")]),
        _outcome(embedded=[("a", "x"), ("a", "y")]),
    ]
    assert joint_failures(outcomes) == {}
