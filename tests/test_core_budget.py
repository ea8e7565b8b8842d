"""The number of cores is what was allotted, not what the node has."""

import os

import pytest
import torch

from mmfeat.core_budget import allotted_cores, core_limits, limit_torch_threads


@pytest.fixture
def cgroup(tmp_path):
    return tmp_path


AFFINITY = len(os.sched_getaffinity(0))


def test_without_limits_it_is_the_affinity(cgroup):
    assert allotted_cores({}, cgroup) == AFFINITY


def test_slurm_lowers_it_and_never_raises_it(cgroup):
    assert allotted_cores({"SLURM_CPUS_PER_TASK": "1"}, cgroup) == 1
    assert allotted_cores({"SLURM_CPUS_PER_TASK": "100000"}, cgroup) == AFFINITY
    assert allotted_cores({"SLURM_CPUS_PER_TASK": "many"}, cgroup) == AFFINITY


def test_a_launcher_that_shares_the_machine_lowers_it(cgroup):
    shared = {"MMFEAT_CORES": "1", "SLURM_CPUS_PER_TASK": "64"}
    assert allotted_cores(shared, cgroup) == 1
    assert core_limits(shared, cgroup)["MMFEAT_CORES"] == 1


@pytest.mark.parametrize(
    ("text", "cores"), [("100000 100000", 1), ("max 100000", AFFINITY), ("10000 100000", 1)]
)
def test_a_quota_of_version_two_is_in_cores(cgroup, text, cores):
    (cgroup / "cpu.max").write_text(text + "\n")
    assert allotted_cores({}, cgroup) == cores


@pytest.mark.parametrize(("quota", "cores"), [("100000", 1), ("-1", AFFINITY)])
def test_a_quota_of_version_one_is_in_cores(cgroup, quota, cores):
    (cgroup / "cpu").mkdir()
    (cgroup / "cpu" / "cpu.cfs_quota_us").write_text(quota + "\n")
    (cgroup / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert allotted_cores({}, cgroup) == cores


def test_each_limit_is_named(cgroup):
    (cgroup / "cpu.max").write_text("350000 100000\n")
    limits = core_limits({"SLURM_CPUS_PER_TASK": "2"}, cgroup)
    assert limits == {"CPU affinity": AFFINITY, "cgroup quota": 3, "SLURM_CPUS_PER_TASK": 2}


def test_torch_is_kept_to_the_allotted_cores_and_never_given_more():
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        limit_torch_threads(2)
        assert torch.get_num_threads() == 2
        limit_torch_threads(8)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_one_core_is_the_least(cgroup):
    assert allotted_cores({"SLURM_CPUS_PER_TASK": "0"}, cgroup) == 1


def test_at_least_one_core_is_allotted():
    assert 1 <= allotted_cores() <= (os.cpu_count() or 1)
