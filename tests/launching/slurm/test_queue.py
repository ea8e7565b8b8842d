"""What the queue says of the tasks of a job."""

import pytest

from mmfeat.errors import LaunchError
from mmfeat.launching.engine_task import EngineTask
from mmfeat.launching.slurm.queue import queued_tasks


def _said(stand_in, *lines):
    stand_in.says("squeue", "".join(f"{line}\n" for line in lines))
    return queued_tasks("mmfeat-a", "mmfeat-a-finish")


def test_each_shard_has_its_state_its_place_and_what_it_waits_for(stand_in):
    tasks = _said(
        stand_in,
        "mmfeat-a|12|0|RUNNING|node7|None",
        "mmfeat-a|10|1|PENDING||Resources",
        "mmfeat-a|13|2|COMPLETING|node8|None",
        "mmfeat-a|14|3|OUT_OF_MEMORY|node9|OutOfMemory",
        "mmfeat-a-finish|11|N/A|PENDING||Dependency",
    )
    assert tasks == {
        "0": EngineTask("running", "12", "", "node7"),
        "1": EngineTask("pending", "10", "Resources", ""),
        "2": EngineTask("running", "13", "", "node8"),
        "3": EngineTask("ended", "14", "OUT_OF_MEMORY, OutOfMemory", "node9"),
        "finish": EngineTask("pending", "11", "Dependency", ""),
    }


def test_of_a_shard_that_was_submitted_twice_the_one_to_end_counts_and_then_the_newest(stand_in):
    ended = ("mmfeat-a|12|0|FAILED|n|NonZeroExitCode", "mmfeat-a|99|0|CANCELLED|n|None")
    assert _said(stand_in, *ended)["0"].number == "99"
    assert _said(stand_in, *ended, "mmfeat-a|50|0|PENDING||Priority")["0"].number == "50"


def test_a_slurm_that_refuses_is_told_in_one_line_with_advice(stand_in):
    stand_in.refuses(
        "squeue",
        "squeue: error: Unable to contact slurm controller (connect failure)\n"
        "slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n",
    )
    with pytest.raises(LaunchError, match=r"^squeue refused: slurm_load_jobs .*; see with `sinfo`"):
        _said(stand_in)
