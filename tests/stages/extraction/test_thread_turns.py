import sys

import pytest

from mmfeat.stages.extraction.thread_turns import quick_turns


def test_turns_are_quick_within_the_block_and_as_before_after_it():
    before = sys.getswitchinterval()
    with quick_turns():
        assert sys.getswitchinterval() == pytest.approx(before / 50)
    assert sys.getswitchinterval() == before


def test_turns_are_as_before_after_an_error():
    before = sys.getswitchinterval()
    with pytest.raises(KeyError, match="lost"), quick_turns():
        raise KeyError("lost")
    assert sys.getswitchinterval() == before
