"""Kill extraction with SIGKILL at random moments, again and again; a test runs this on its own.

Usage: kill_many_times.py CONFIG KILLS SEED. Modules are imported once and each run is a fork, so
that many kills fit into little time. Prints what happened as JSON; a failed assertion ends it.
"""

import json
import os
import random
import shutil
import signal
import sys
import time
import traceback
from pathlib import Path

import numpy as np

from mmfeat.cache import CacheFolder
from mmfeat.config.loading import Project, load_project
from mmfeat.progress import Silent
from mmfeat.stages.extract import extract


def run(project: Project) -> Path:
    """Extract in this process; return the cache folder."""
    report = extract(project, progress=Silent(), should_stop=lambda: False)
    assert report.n_failed == 0
    return report.modalities[0].cache


def run_and_kill(project: Project, delay_s: float) -> bool:
    """Extract in a fork and kill it after a while; say whether the kill came before the end."""
    pid = os.fork()
    if pid == 0:
        try:
            run(project)
        except BaseException:  # noqa: BLE001 - the fork must never go on as the parent
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    time.sleep(delay_s)
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def the_only_shard(folder: Path) -> bytes:
    (shard,) = folder.glob("shard-*.h5")
    return shard.read_bytes()


def main(config: Path, kills: int, seed: int) -> None:
    warm = run(load_project(config, ["extract.cache=warm"]))  # the first run imports more
    start = time.perf_counter()
    reference = run(load_project(config, ["extract.cache=reference"]))
    whole_s = time.perf_counter() - start
    expected = the_only_shard(reference)
    assert the_only_shard(warm) == expected
    identity = json.loads((reference / "recipe.json").read_text())
    wanted = CacheFolder.find(reference.parents[1], reference.parent.name, identity)
    features = dict(zip(wanted.index(), wanted.read(dict.fromkeys(wanted.index()))[0], strict=True))

    project = load_project(config, ["extract.cache=killed"])
    root = project.path(Path("killed"))
    draw = random.Random(seed)
    killed = completed = in_the_middle = leftovers = 0
    kept: set[str] = set()
    while killed < kills:
        if run_and_kill(project, draw.uniform(0, 1.2 * whole_s)):
            killed += 1
        if not CacheFolder.exists(root, "ct", identity):
            continue
        folder = CacheFolder.find(root, "ct", identity)
        leftovers += len(list(folder.path.glob(".*.partial*")))
        assert folder.verify() == []
        found = set(folder.index())
        assert kept <= found, "a finished case was lost"
        in_the_middle += 0 < len(found) < len(features)
        for case_id, feature in zip(found, folder.read(dict.fromkeys(found))[0], strict=True):
            assert np.array_equal(feature, features[case_id])
        kept = found
        if kept == set(features):
            assert the_only_shard(run(project)) == expected, "a resumed cache differs"
            assert not list(folder.path.glob(".*.partial*"))
            completed += 1
            kept = set()
            shutil.rmtree(root)
    assert the_only_shard(run(project)) == expected, "a resumed cache differs"
    sys.stdout.write(
        json.dumps(
            {
                "killed": killed,
                "completed": completed + 1,
                "killed_in_the_middle": in_the_middle,
                "leftovers": leftovers,
                "whole_run_s": whole_s,
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
