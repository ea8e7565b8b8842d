"""How many workers a cluster has room for, and what each asks for."""

import pytest

from mmfeat.config.ray import RaySettings
from mmfeat.core_budget import CORES_VARIABLE
from mmfeat.errors import LaunchError
from mmfeat.launching.ray.cluster import connected, sized_to
from mmfeat.memory_budget import BYTES_VARIABLE

GPU_NODE = {"CPU": 32.0, "GPU": 4.0}
CPU_NODE = {"CPU": 20.0}


def _size(nodes, device="auto", **settings):
    made = sized_to(nodes, RaySettings(**settings), device)
    return made.gpus, made.cpus, made.at_once


@pytest.mark.parametrize(
    ("nodes", "device", "expected"),
    [
        ([GPU_NODE, GPU_NODE], "auto", (1.0, 8, 8)),
        ([GPU_NODE, CPU_NODE], "cuda", (1.0, 13, 2)),
        ([GPU_NODE], "cpu", (0.0, 8, 4)),
        ([CPU_NODE, CPU_NODE], "auto", (0.0, 8, 4)),
        ([{"CPU": 2.0}], "auto", (0.0, 2, 1)),
        ([], "auto", (0.0, 8, 0)),
    ],
)
def test_workers_are_sized_to_the_nodes_that_are_there(nodes, device, expected):
    assert _size(nodes, device) == expected


def test_what_the_settings_say_counts():
    assert _size([GPU_NODE], gpus=0.5, cpus=4) == (0.5, 4, 8)
    assert _size([GPU_NODE, {**CPU_NODE, "big": 2.0}], gpus=0, cpus=5, resources={"big": 1}) == (
        0.0,
        5,
        2,
    )


def test_memory_is_asked_for_and_told_to_the_worker():
    size = sized_to([CPU_NODE], RaySettings(memory_gb=1.5, cpus=2), "auto")
    assert size.needs["memory"] == 1_500_000_000
    assert size.environment == {CORES_VARIABLE: "2", BYTES_VARIABLE: "1500000000"}
    assert "memory" not in sized_to([CPU_NODE], RaySettings(), "auto").needs


@pytest.mark.slow
@pytest.mark.parametrize("given_by", ["settings", "environment"])
def test_a_cluster_that_is_not_there_is_one_line(monkeypatch, given_by):
    pytest.importorskip("ray")
    address = "127.0.0.1:1"
    if given_by == "environment":
        monkeypatch.setenv("RAY_ADDRESS", address)
    settings = RaySettings(address=address if given_by == "settings" else None)
    with (
        pytest.raises(LaunchError, match=rf"no cluster can be reached at `{address}` .*refused"),
        connected(settings, device="cpu"),
    ):
        pass
