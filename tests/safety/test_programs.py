"""The warm host runs the same program as ``python -m mmfeat``."""

import os
import signal
import subprocess
import sys

from .caches import cache_folder, the_only_shard


def test_a_forked_program_does_what_a_fresh_one_does(host, cohort):
    forked = host.run("extract", "--set", "extract.cache=forked", folder=cohort.folder)
    fresh = subprocess.run(
        [sys.executable, "-m", "mmfeat", "extract", "--set", "extract.cache=fresh"],
        cwd=cohort.folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "140"},
    )
    assert (forked.code, fresh.returncode) == (0, 0)
    first = [line.split()[0] for line in forked.out.splitlines()]
    assert first == [line.split()[0] for line in fresh.stdout.splitlines()]
    shards = [the_only_shard(cache_folder(cohort.folder, name)) for name in ("forked", "fresh")]
    assert shards[0] == shards[1]


def test_codes_signals_and_what_runs_before_get_through(host, cohort):
    ended = host.run("extract", "no-such.yaml", folder=cohort.folder)
    assert ended.code == 2
    assert "no-such.yaml" in ended.error
    before = "import sys\nsys.stdout.write('before\\n')\n"
    assert host.run("--version", folder=cohort.folder, before=before).out.startswith(
        "before\nmmfeat"
    )
    waiting = host.start(
        "--version", folder=cohort.folder, before="import signal\nsignal.pause()\n"
    )
    assert waiting.kin() == [waiting.pid]
    waiting.send(signal.SIGKILL)
    assert waiting.wait().code == -signal.SIGKILL
    assert waiting.kin() == []
