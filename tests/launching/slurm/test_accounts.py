"""What accounts say of the tasks of a job, where a cluster keeps any."""

from mmfeat.launching.slurm.accounts import accounted_tasks

SAID = """\
mmfeat-a|12_0|COMPLETED|node7|0:0
mmfeat-a|12_1|OUT_OF_MEMORY|node7|0:125
mmfeat-a|12_2|CANCELLED by 1000|None assigned|0:0
mmfeat-a|12_3|FAILED|node8|2:0
mmfeat-a-finish|13|TIMEOUT|node8|0:0
"""


def test_each_task_says_how_it_ended(stand_in):
    stand_in.says("sacct", SAID)
    tasks = accounted_tasks("mmfeat-a", "mmfeat-a-finish", since="2026-03-01T08:00:00+00:00")
    assert {name: task.reason for name, task in tasks.items()} == {
        "0": "COMPLETED",
        "1": "OUT_OF_MEMORY",
        "2": "CANCELLED by 1000",
        "3": "FAILED, exit code 2:0",
        "finish": "TIMEOUT",
    }
    assert {task.state for task in tasks.values()} == {"ended"}
    assert "--starttime=2026-03-01" in stand_in.calls[0]


def test_a_cluster_without_accounts_says_nothing(stand_in):
    stand_in.refuses("sacct", "Slurm accounting storage is disabled\n")
    assert accounted_tasks("a", "a-finish", since="2026-03-01T08:00:00+00:00") == {}
