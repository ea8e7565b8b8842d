"""Placeholder, replaced by its owner."""


def extract() -> None:
    """Not there yet."""
    raise SystemExit(1)
