"""Settings of launchers: who runs the shares of a stage, and where."""

from pathlib import Path
from typing import Literal

from pydantic import PositiveInt

from mmfeat.config.base import StrictModel
from mmfeat.config.ray import RaySettings
from mmfeat.config.slurm import SlurmSettings


class LocalSettings(StrictModel):
    """How `--launcher local` uses this machine."""

    processes: PositiveInt | Literal["auto"] = "auto"
    """Workers at the same time; `auto`: one for each visible GPU, or else one for every eight of
    the allotted cores. Where there are more workers than GPUs, they share them."""


class LaunchSettings(StrictModel):
    """How `--launcher` has a stage done by several processes; none of this changes a number."""

    folder: Path = Path("jobs")
    """Folder of the jobs, relative to the settings file; each has its own folder in it."""
    shards: PositiveInt | Literal["auto"] = "auto"
    """Shares that the work is cut into; `auto`: as many as the launcher has workers."""
    local: LocalSettings = LocalSettings()
    """On this machine."""
    ray: RaySettings = RaySettings()
    """On a cluster that Ray runs."""
    slurm: SlurmSettings = SlurmSettings()
    """On a cluster that Slurm runs."""
