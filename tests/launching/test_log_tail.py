"""The end of a log."""

from mmfeat.launching.log_tail import log_tail


def test_the_last_lines_are_given_without_empty_ones(tmp_path):
    log = tmp_path / "0.log"
    log.write_text("".join(f"line {n}\n\n" for n in range(5000)))
    assert log_tail(log, 2) == ("line 4998", "line 4999")


def test_of_a_bar_that_moved_the_last_state_is_given(tmp_path):
    log = tmp_path / "0.log"
    log.write_bytes(b"begun\nct 1/9\rct 2/9\rct 9/9\nbroken \xff" + b"x" * 500)
    begun, bar, broken = log_tail(log)
    assert (begun, bar) == ("begun", "ct 9/9")
    assert broken.startswith("broken \ufffdx")
    assert len(broken) == 300


def test_without_a_log_there_is_nothing(tmp_path):
    assert log_tail(tmp_path / "0.log") == ()
