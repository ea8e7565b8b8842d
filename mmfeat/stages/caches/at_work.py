"""Keep away from a cache folder that an extraction is writing to."""

from pathlib import Path

from mmfeat.cache import running_marks
from mmfeat.errors import CacheError


def refuse_while_at_work(path: Path) -> None:
    """Raise CacheError when an extraction is at work in a cache folder."""
    for running in running_marks(path):
        raise CacheError(
            f"{path}: `mmfeat extract` is at work here (host {running.host}, process "
            f"{running.pid}); wait until it has ended, or stop it, and run this command again"
        )
