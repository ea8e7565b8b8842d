"""Settings of the launcher that uses Ray: which cluster, and what each worker needs of it."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from mmfeat.config.base import StrictModel


class RaySettings(StrictModel):
    """How `--launcher ray` uses a cluster that Ray runs (`pip install "mmfeat[ray]"`)."""

    address: str | None = None
    """Of the cluster, such as `10.0.0.1:6379`; `auto`: the one that this machine is in; `local`:
    none, but this machine. When not given: that of `RAY_ADDRESS`, or else this machine."""
    gpus: NonNegativeFloat | Literal["auto"] = "auto"
    """GPUs of each worker, also a part of one; `auto`: one where the cluster has any and the
    settings do not ask for the CPU."""
    cpus: PositiveInt | Literal["auto"] = "auto"
    """Cores of each worker; `auto`: what there is for each GPU, or else eight."""
    memory_gb: PositiveFloat | None = None
    """Memory that each worker reserves; when not given, Ray does not count it."""
    resources: dict[str, PositiveFloat] = {}
    """Further resources that each worker needs, by the names that the cluster gives them."""
    retries: Annotated[NonNegativeInt, Field(le=100)] = 3
    """How often a shard is begun again whose process, actor or node has died."""
