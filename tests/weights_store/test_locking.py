"""One process at a time; the others wait, or stop when they are asked to."""

import errno
import fcntl
import threading

import pytest

from mmfeat.errors import EncoderError, Interrupted
from mmfeat.weights_store.locking import held_alone


def _never() -> bool:
    return False


@pytest.mark.parametrize("refusal", [None, errno.ENOLCK, errno.ENOSYS])
def test_a_second_one_waits_until_the_first_is_done(tmp_path, monkeypatch, caplog, refusal):
    def refuse(*arguments):
        raise OSError(refusal, "no locks")

    if refusal is not None:
        monkeypatch.setattr(fcntl, "flock", refuse)
    path, order = tmp_path / "folder" / "m.lock", []

    def second():
        with held_alone(path, _never):
            order.append("second")

    with held_alone(path, _never):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(1.2)
        assert thread.is_alive()
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]
    assert "another process is fetching this file; waiting for it" in caplog.text
    assert ("no locks on this file system" in caplog.text) == (refusal == errno.ENOLCK)


def test_one_that_waits_stops_when_it_is_asked_to(tmp_path):
    path = tmp_path / "m.lock"
    with (
        held_alone(path, _never),
        pytest.raises(Interrupted, match="another process was fetching"),
        held_alone(path, lambda: True),
    ):
        pass


def test_a_place_for_no_lock_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "m.lock"
    with (
        pytest.raises(EncoderError, match=r"m\.lock: cannot be made or locked .*HF_HOME") as caught,
        held_alone(path, _never),
    ):
        pass
    assert "\n" not in str(caught.value)
