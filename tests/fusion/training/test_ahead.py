import threading

import pytest

from mmfeat.fusion.training.ahead import ahead


def test_items_come_in_order_and_the_next_is_made_meanwhile():
    made = [threading.Event() for _ in range(3)]

    def items():
        for number, event in enumerate(made):
            event.set()
            yield number

    found = []
    for number in ahead(items()):
        found.append(number)
        if number < 2:
            assert made[number + 1].wait(5)  # though this one is still in use
    assert found == [0, 1, 2]


def test_what_goes_wrong_in_making_an_item_is_raised_in_its_place():
    def items():
        yield 1
        raise OSError("the disk has gone")

    coming = ahead(items())
    assert next(coming) == 1
    with pytest.raises(OSError, match="the disk has gone"):
        next(coming)


def test_whoever_stops_early_leaves_no_thread():
    before = threading.active_count()
    for _ in ahead(range(100)):
        break
    assert threading.active_count() == before


def test_nothing_gives_nothing():
    assert list(ahead([])) == []
