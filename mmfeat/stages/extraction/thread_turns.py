"""How soon one thread of an extraction hands the interpreter to another."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_WAIT_S = 1e-4
"""Longest wait for the interpreter while another thread computes in Python; 5e-3 is usual."""


@contextmanager
def quick_turns() -> Iterator[None]:
    """Let threads take turns fifty times as often within the block.

    The thread that feeds the network gives the interpreter up with each of some hundred operations
    of a batch, and with many reading threads it would wait for it up to 5 ms each time.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(_WAIT_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
