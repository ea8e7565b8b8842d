import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from mmfeat.provenance import process_table
from mmfeat.scratch_folder import ScratchFolder


def test_a_folder_is_gone_after_its_block_and_all_are_after_the_end(tmp_path):
    root = tmp_path / "made" / "here"
    with ScratchFolder(root, most_bytes=10) as scratch:
        with scratch.room(scratch.ticket(), 10) as folder:
            (folder / "a.txt").write_text("0123456789")
        assert not folder.exists()
        assert scratch.path.stat().st_mode & 0o777 == 0o700
        (scratch.path / "left").mkdir()
    assert list(root.iterdir()) == []


def test_who_asks_for_more_than_there_can_be_gets_none_at_once(tmp_path):
    with ScratchFolder(tmp_path, most_bytes=10) as scratch:
        with scratch.room(scratch.ticket(), 11) as folder:
            assert folder is None
        with scratch.room(scratch.ticket(), 10) as folder:
            assert folder.is_dir()


def test_room_is_given_in_the_order_of_tickets_and_never_beyond_the_bound(tmp_path):
    order, used, most_used = [], 0, 0

    def hold(number, ticket):
        nonlocal used, most_used
        time.sleep(0.01 * (10 - number))  # those that come later ask earlier
        with scratch.room(ticket, 4):  # one at a time, so nothing else needs a lock
            order.append(number)
            used += 4
            most_used = max(most_used, used)
            time.sleep(0.005)
            used -= 4

    with ScratchFolder(tmp_path, most_bytes=7) as scratch, ThreadPoolExecutor(10) as pool:
        tickets = [scratch.ticket() for _ in range(10)]
        list(pool.map(hold, range(10), tickets))
    assert order == sorted(order)
    assert most_used == 4


def test_a_ticket_that_is_forgotten_holds_nobody_up(tmp_path):
    with ScratchFolder(tmp_path, most_bytes=10) as scratch:
        given_up, mine = scratch.ticket(), scratch.ticket()
        scratch.forget(given_up)
        with scratch.room(mine, 10) as folder:
            assert folder.is_dir()


def test_closing_sends_away_those_who_wait(tmp_path):
    def wait(ticket):
        with scratch.room(ticket, 10) as folder:
            return folder

    with (
        ThreadPoolExecutor(1) as pool,
        ScratchFolder(tmp_path, most_bytes=10) as scratch,
        scratch.room(scratch.ticket(), 10),
    ):
        waiting = pool.submit(wait, scratch.ticket())
        scratch.close()
        assert waiting.result(timeout=30) is None


def test_only_what_killed_processes_left_is_removed(tmp_path):
    gone = 2**22 + 1  # above the largest process number of Linux
    theirs = tmp_path / f".mmfeat.{gone}@{process_table()}-0123abcd.partial"
    living = tmp_path / f".mmfeat.{os.getppid()}@{process_table()}-0123abcd.partial"
    for folder in (theirs, living, tmp_path / "of-others"):
        (folder / "0").mkdir(parents=True)
    with ScratchFolder(tmp_path, most_bytes=10):
        assert not theirs.exists()
    assert sorted(tmp_path.iterdir()) == sorted([living, tmp_path / "of-others"])


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"), ScratchFolder(tmp_path / "file", most_bytes=1):
        pass
