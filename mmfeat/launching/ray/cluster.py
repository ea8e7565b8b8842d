"""Be connected with a cluster of Ray, or have one on this machine for as long as a job takes."""

import logging
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from mmfeat.config.ray import RaySettings
from mmfeat.core_budget import CORES_VARIABLE, allotted_cores
from mmfeat.errors import LaunchError, one_line
from mmfeat.memory_budget import BYTES_VARIABLE

_THIS_MACHINE = "local"
_PATIENCE_S = 20.0
_CORES_OF_A_WORKER = 8
_GB = 10**9
_STORE_BYTES = 80 * 2**20
"""Ray's store for results; ours are two numbers a shard."""


@dataclass(frozen=True)
class WorkerSize:
    """What each worker gets, and how many there is room for."""

    gpus: float
    cpus: int
    at_once: int
    """Workers that have room now; a cluster that grows will have room for more."""
    settings: RaySettings

    @property
    def needs(self) -> Mapping[str, Any]:
        """What an actor asks Ray for."""
        memory = self.settings.memory_gb
        return {
            "num_gpus": self.gpus,
            "num_cpus": self.cpus,
            "resources": dict(self.settings.resources),
            **({} if memory is None else {"memory": int(memory * _GB)}),
        }

    @property
    def environment(self) -> Mapping[str, str]:
        """What a worker is told of what it may use of its node."""
        memory = self.settings.memory_gb
        return {
            CORES_VARIABLE: str(self.cpus),
            **({} if memory is None else {BYTES_VARIABLE: str(int(memory * _GB))}),
        }


@dataclass(frozen=True)
class Cluster:
    """A cluster that this process is connected with."""

    ray: Any
    """The package, which is not there for everybody."""
    size: WorkerSize
    """Of each worker."""


@contextmanager
def connected(settings: RaySettings, *, device: str) -> Iterator[Cluster]:
    """Connect with the cluster of the settings until the block ends.

    Args:
        settings: The address, and what each worker needs.
        device: What the settings say of the stage: `auto`, `cpu`, `cuda`, ...

    Raises:
        LaunchError: Ray is not installed, the cluster cannot be reached, or no node of it has what
            one worker needs.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # it would tell its makers of every cluster
    try:
        import ray
    except ImportError as error:
        raise LaunchError(
            '--launcher ray: needs a package that is not installed; pip install "mmfeat[ray]"'
        ) from error
    _connect(ray, settings.address or os.environ.get("RAY_ADDRESS") or _THIS_MACHINE)
    try:
        nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        yield Cluster(ray, sized_to(nodes, settings, device))
    finally:
        ray.shutdown()


def _connect(ray: Any, address: str) -> None:  # noqa: ANN401 - not there for everybody
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    try:
        if address == _THIS_MACHINE:
            ray.init(
                address=_THIS_MACHINE,
                num_cpus=allotted_cores(),
                include_dashboard=False,
                object_store_memory=_STORE_BYTES,
                **quiet,
            )
        else:
            _knock_at(address)
            ray.init(address=address, **quiet)
    except Exception as error:  # Ray raises bare ones as well
        where, fix = (
            ("begun on this machine", "see /tmp/ray/session_latest/logs, or use --launcher local")
            if address == _THIS_MACHINE
            else (f"reached at `{address}`", "correct it or RAY_ADDRESS, or leave them out")
        )
        raise LaunchError(
            f"launch.ray.address: no cluster can be {where} ({one_line(error)}); {fix}"
        ) from error


def _knock_at(address: str) -> None:
    """Find out whether anybody is at an address: Ray itself would try for a quarter of an hour.

    Raises:
        OSError: Nobody is.
    """
    host, colon, port = address.rpartition(":")
    if colon and port.isdigit() and "/" not in host:
        socket.create_connection((host, int(port)), timeout=_PATIENCE_S).close()


def sized_to(
    nodes: Sequence[Mapping[str, float]], settings: RaySettings, device: str
) -> WorkerSize:
    """Return what each worker gets of a cluster.

    Args:
        nodes: What each node has, by Ray's names.
        settings: What is asked for.
        device: As for ``connected``.
    """
    n_gpus = sum(node.get("GPU", 0.0) for node in nodes)
    n_cpus = sum(node.get("CPU", 0.0) for node in nodes)
    gpus = settings.gpus
    if gpus == "auto":
        gpus = 1.0 if n_gpus and device != "cpu" else 0.0
    if settings.cpus == "auto":
        share = n_cpus / n_gpus * gpus if gpus and n_gpus else _CORES_OF_A_WORKER
        most = max((node.get("CPU", 0.0) for node in nodes), default=0.0)
        cpus = max(1, int(min(share, most or share)))
    else:
        cpus = settings.cpus
    needs = {"GPU": gpus, "CPU": float(cpus), **settings.resources}
    return WorkerSize(gpus, cpus, sum(_room_on(node, needs) for node in nodes), settings)


def _room_on(node: Mapping[str, float], needs: Mapping[str, float]) -> int:
    """Return how many workers a node can have at the same time.

    Example:
        >>> _room_on({"CPU": 16.0, "GPU": 2.0}, {"CPU": 4.0, "GPU": 1.0})
        2
    """
    return min(int(node.get(name, 0.0) / wanted) for name, wanted in needs.items() if wanted)
