"""A stop at once waits for the end of a block that puts it off, and comes at once elsewhere."""

import pytest

from mmfeat.stop_at_once import putting_off_stops, stop_at_once


def test_elsewhere_it_comes_at_once_and_once():
    with pytest.raises(KeyboardInterrupt):
        stop_at_once()
    with putting_off_stops():
        pass


def test_a_block_comes_to_its_end_first():
    done = []

    def work():
        with putting_off_stops():
            with putting_off_stops():
                stop_at_once()
                done.append("inner")
            done.append("outer")
        done.append("after")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["inner", "outer"]


def test_an_error_of_the_block_is_told_instead():
    def work():
        with putting_off_stops():
            stop_at_once()
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        work()
    with putting_off_stops():
        pass
