"""Whether a process that was seen before still runs."""

import os
import subprocess
import sys

from mmfeat.process_identity import lives, start_of_process, this_machine


def test_this_process_lives():
    assert lives(this_machine(), os.getpid(), start_of_process(os.getpid())) is True


def test_one_that_got_the_number_of_another_is_not_taken_for_it():
    assert lives(this_machine(), os.getpid(), "1") is False


def test_one_that_has_ended_does_not_live_also_before_its_parent_has_asked():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    start = start_of_process(child.pid)
    assert lives(this_machine(), child.pid, start) is True
    child.stdin.close()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert lives(this_machine(), child.pid, start) is False
    child.wait()
    assert lives(this_machine(), child.pid, start) is False


def test_one_of_another_machine_cannot_be_looked_up():
    assert lives("node7 boot pid", os.getpid(), start_of_process(os.getpid())) is None
