"""Cores and memory are divided among the workers of a machine."""

import os

import pytest

from mmfeat.core_budget import allotted_cores
from mmfeat.launching.local import places
from mmfeat.launching.local.places import places_of
from mmfeat.memory_budget import allotted_bytes

CORES = len(os.sched_getaffinity(0))


def test_without_a_gpu_there_is_a_process_for_every_eight_cores():
    assert len(places_of("cpu", "auto")) == max(1, allotted_cores() // 8)
    (alone,) = places_of("cpu", 1)
    assert (alone.name, alone.cpus) == ("process 0", None)
    assert alone.environment["MMFEAT_CORES"] == str(allotted_cores())


@pytest.mark.skipif(CORES < 2, reason="a single core cannot be divided")
def test_processes_are_bound_to_cores_of_their_own(monkeypatch):
    monkeypatch.setattr(places, "allotted_cores", lambda: CORES)
    first, second = places_of("cpu", 2)
    assert first.cpus | second.cpus == os.sched_getaffinity(0)
    assert not first.cpus & second.cpus
    assert max(first.cpus) < min(second.cpus)
    assert first.name.startswith("core")
    shares = [int(place.environment["MMFEAT_MEMORY_BYTES"]) for place in (first, second)]
    assert shares == [allotted_bytes() // 2] * 2


def test_more_processes_than_cores_are_not_bound():
    made = places_of("cpu", CORES + 1)
    assert {place.cpus for place in made} == {None}
    assert {place.environment["MMFEAT_CORES"] for place in made} == {"1"}


@pytest.mark.skipif(CORES < 2, reason="a single core cannot be divided")
def test_a_quota_below_the_cores_of_the_machine_binds_nobody(monkeypatch):
    monkeypatch.setattr(places, "allotted_cores", lambda: 1)
    assert {place.cpus for place in places_of("cpu", 2)} == {None}


def test_each_worker_has_a_gpu_and_more_workers_share_them(monkeypatch):
    monkeypatch.setattr(places, "visible_gpus", lambda: ("2", "GPU-ab"))
    assert [place.name for place in places_of("auto", "auto")] == ["GPU 2", "GPU GPU-ab"]
    made = places_of("cuda", 3)
    assert [place.environment["CUDA_VISIBLE_DEVICES"] for place in made] == ["2", "GPU-ab", "2"]
    assert len(places_of("auto", 1)) == 1


@pytest.mark.parametrize("device", ["cuda:1", "mps"])
def test_a_device_that_is_named_is_one_place_and_nobody_looks_for_gpus(device, monkeypatch):
    monkeypatch.setattr(places, "visible_gpus", lambda: pytest.fail("looked for GPUs"))
    (place,) = places_of(device, "auto")
    assert "CUDA_VISIBLE_DEVICES" not in place.environment
