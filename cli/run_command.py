"""Placeholder, replaced by its owner."""


def run() -> None:
    """Not there yet."""
    raise SystemExit(1)
