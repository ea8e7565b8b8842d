"""What an engine that runs workers says of one of them."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class EngineTask:
    """Say how the engine sees the worker of one shard, or of what comes after all."""

    state: Literal["pending", "running", "ended"]
    number: str = ""
    """What the engine calls it."""
    reason: str = ""
    """Why it waits, or how it ended, in the engine's words."""
    place: str = ""
    """Where it runs, or ran."""
