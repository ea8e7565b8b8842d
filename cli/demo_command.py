"""Placeholder, replaced by its owner."""


def demo() -> None:
    """Not there yet."""
    raise SystemExit(1)
