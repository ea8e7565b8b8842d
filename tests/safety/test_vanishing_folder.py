"""A cache folder that goes while extraction runs ends it, and is not made again on another disk."""

import random
import subprocess
import time

import pytest

from .kill_count import KILLS
from .uninterrupted import Uninterrupted

GONE_AT_A_MOVE = """
import os, shutil, subprocess
left = {number}
real = os.replace

def replace(*arguments, **named):
    global left
    left -= 1
    if left == 0:
        {going}
    return real(*arguments, **named)

os.replace = replace
"""
SAYS_WHAT_TO_DO = "bring the folder back, which was deleted, moved or unmounted"


@pytest.fixture
def reference(host, cohort):
    return Uninterrupted(host, cohort)


@pytest.mark.parametrize("number", [2, 4])
def test_a_folder_moved_away_is_not_made_again_and_goes_on_when_it_is_back(
    host, cohort, reference, number
):
    cache, away = cohort.folder / "cache", cohort.folder / "away"
    before = GONE_AT_A_MOVE.format(number=number, going=f"os.rename({str(cache)!r}, {str(away)!r})")
    ended = host.run("extract", folder=cohort.folder, before=before)
    assert ended.code == 2, ended.err
    assert f"error: {cache}/ct/" in ended.error
    assert SAYS_WHAT_TO_DO in ended.error
    assert not cache.exists()
    kept = reference.check_kept({}, "away")
    away.rename(cache)
    assert reference.check_kept(kept) == kept
    reference.check_resumed()


def test_a_folder_deleted_on_the_way_is_said_and_the_command_begins_again(host, cohort, reference):
    cache = cohort.folder / "cache"
    before = GONE_AT_A_MOVE.format(number=3, going=f"shutil.rmtree({str(cache)!r})")
    ended = host.run("extract", folder=cohort.folder, before=before)
    assert ended.code == 2, ended.err
    assert SAYS_WHAT_TO_DO in ended.error
    assert not cache.exists()
    reference.check_resumed()


def test_a_disk_unmounted_on_the_way_does_not_fill_the_one_under_it(
    host, cohort, reference, small_disk
):
    disk = small_disk("size=4m")
    held = small_disk("size=4m")
    subprocess.run(["mount", "--bind", str(disk), str(held)], check=True)
    cache = disk / "cache"
    going = f"subprocess.run(['umount', '--lazy', {str(disk)!r}], check=True)"
    before = GONE_AT_A_MOVE.format(number=3, going=going)
    command = ("extract", "--set", f"extract.cache={cache}")
    ended = host.run(*command, folder=cohort.folder, before=before)
    assert ended.code == 2, ended.err
    assert SAYS_WHAT_TO_DO in ended.error
    assert list(disk.iterdir()) == []
    subprocess.run(["mount", "--bind", str(held), str(disk)], check=True)
    subprocess.run(["umount", str(held)], check=True)
    reference.check_kept({}, cache)
    reference.check_resumed(cache)


def test_a_folder_that_goes_at_random_moments_loses_nothing(host, cohort, reference):
    cache, away = cohort.folder / "cache", cohort.folder / "away"
    draw = random.Random(0)
    for _ in range(max(3, KILLS // 8)):
        program = host.start("extract", folder=cohort.folder)
        while not list(cache.glob("ct/*/recipe.json")):
            assert program.is_running()
            time.sleep(0.001)
        time.sleep(draw.uniform(0, reference.elapsed_s / 2))
        cache.rename(away)
        ended = program.wait()
        assert ended.code in (0, 2), ended.err
        if ended.code == 2:
            assert SAYS_WHAT_TO_DO in ended.error
        assert not cache.exists()
        away.rename(cache)
        reference.check_kept({})
        reference.check_resumed()
        reference.remove()
