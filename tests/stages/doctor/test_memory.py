"""Memory is what the machine has free, or less where a control group leaves less."""

import pytest

from mmfeat.stages.doctor.memory import (
    Memory,
    MemoryNeeded,
    memory_findings,
    needed_finding,
    read_memory,
)

MEMINFO = "MemTotal: 1000000 kB\nMemFree: 100 kB\nMemAvailable: 500000 kB\n"


@pytest.fixture
def machine(tmp_path):
    """Folders like /proc and /sys/fs/cgroup of a process in the group /job/step."""
    proc, cgroup = tmp_path / "proc", tmp_path / "cgroup"
    (proc / "self").mkdir(parents=True)
    (proc / "meminfo").write_text(MEMINFO)
    (cgroup / "job" / "step").mkdir(parents=True)
    return proc, cgroup


def test_without_limits_it_is_what_the_machine_has_available(machine):
    assert read_memory(*machine) == Memory(1_024_000_000, 512_000_000)


def test_the_group_around_the_own_one_limits_it_too(machine):
    proc, cgroup = machine
    (proc / "self" / "cgroup").write_text("0::/job/step\n")
    (cgroup / "job" / "step" / "memory.max").write_text("max\n")
    (cgroup / "job" / "step" / "memory.current").write_text("1\n")
    (cgroup / "job" / "memory.max").write_text("300000000\n")
    (cgroup / "job" / "memory.current").write_text("250000000\n")
    (cgroup / "job" / "memory.stat").write_text("anon 1\ninactive_file 40000000\n")
    assert read_memory(proc, cgroup) == Memory(1_024_000_000, 90_000_000, "its control group")


def test_a_group_of_version_one_limits_it(machine):
    proc, cgroup = machine
    (proc / "self" / "cgroup").write_text("4:memory:/job\n1:cpu:/job\n")
    group = cgroup / "memory" / "job"
    group.mkdir(parents=True)
    (group / "memory.limit_in_bytes").write_text("400000000\n")
    (group / "memory.usage_in_bytes").write_text("100000000\n")
    (group / "memory.stat").write_text("inactive_file 1\ntotal_inactive_file 50000000\n")
    assert read_memory(proc, cgroup) == Memory(1_024_000_000, 350_000_000, "its control group")


def test_a_group_without_a_limit_is_none(machine):
    proc, cgroup = machine
    (proc / "self" / "cgroup").write_text("4:memory:/\n")
    (cgroup / "memory").mkdir()
    (cgroup / "memory" / "memory.limit_in_bytes").write_text("9223372036854771712\n")
    (cgroup / "memory" / "memory.usage_in_bytes").write_text("5\n")
    assert read_memory(proc, cgroup) == Memory(1_024_000_000, 512_000_000)


def test_another_system_does_not_tell(tmp_path):
    assert read_memory(tmp_path, tmp_path) is None
    assert needed_finding("ct memory", MemoryNeeded(1, 1, 1, 1, 1), None).level == "ok"


def test_little_memory_is_a_warning_that_names_the_limit():
    (finding,) = memory_findings(Memory(64_000_000_000, 1_000_000_000, "its control group"))
    assert finding.level == "warning"
    assert finding.message == "1.0 GB available of 64.0 GB, limited by its control group"


@pytest.mark.parametrize(
    ("available", "level"), [(2_000_000_000, "ok"), (1_100_000_000, "warning"), (9e8, "problem")]
)
def test_what_an_extraction_needs_is_compared_with_what_there_is(available, level):
    needed = MemoryNeeded(
        reading_threads=4,
        scan_bytes=200_000_000,
        prepared_bytes=20_000_000,
        batch_bytes=30_000_000,
        feature_bytes=10_000_000,
    )
    assert needed.n_bytes == 800_000_000 + 80_000_000 + 90_000_000 + 10_000_000
    finding = needed_finding("ct memory", needed, Memory(int(4e9), int(available)))
    assert finding.level == level
    assert "needs about 1.0 GB beside the network: 4 reading threads of 0.2 GB" in finding.message
