"""The words of a worker's command."""

import sys
from pathlib import Path

from mmfeat.launching.command_line import StageCall, command_line
from mmfeat.work_shard import WorkShard

CALL = StageCall("train", Path("/a b/run.yaml"), ("train.epochs=3",), ("--overwrite",))


def test_a_worker_gets_settings_options_its_shard_and_its_state():
    words = command_line(CALL, shard=WorkShard(1, 4), state=Path("/jobs/1.json"))
    assert words[:3] == [sys.executable, "-m", "mmfeat"]
    assert words[3:] == [
        *("train", "/a b/run.yaml", "--set", "train.epochs=3", "--overwrite"),
        *("--shard", "1/4", "--state", "/jobs/1.json"),
    ]


def test_what_a_shell_fills_in_is_left_as_it_is():
    words = command_line(CALL, shard="$i/4", program=("srun", "mmfeat"), more=("--json",))
    assert words[:3] == ["srun", "mmfeat", "train"]
    assert words[-3:] == ["--shard", "$i/4", "--json"]
