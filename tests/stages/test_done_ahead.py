"""Work on threads: everything once, never too much at a time, and a stop that is heard."""

import threading
import time

import pytest

from mmfeat.stages.done_ahead import done_ahead


def test_every_item_is_done_once_and_no_more_at_a_time_than_allowed():
    lock, busy, most = threading.Lock(), 0, 0

    def work(item):
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        time.sleep(0.002)
        with lock:
            busy -= 1
        return item * item

    found = dict(done_ahead(range(30), work, workers=3, should_stop=lambda: False))
    assert found == {item: item * item for item in range(30)}
    assert most <= 3


def test_after_a_stop_nothing_new_is_begun():
    begun = []

    def work(item):
        begun.append(item)
        return item

    done = []
    for item, _ in done_ahead(range(1000), work, workers=1, should_stop=lambda: len(done) >= 5):
        done.append(item)
    assert done == [0, 1, 2, 3, 4]
    assert len(begun) <= 6


def test_nothing_to_do_is_done_at_once():
    assert list(done_ahead([], str, workers=2, should_stop=lambda: False)) == []


def test_an_error_of_the_work_comes_out():
    with pytest.raises(ZeroDivisionError, match="division"):
        list(done_ahead([0], lambda item: 1 // item, workers=2, should_stop=lambda: False))
