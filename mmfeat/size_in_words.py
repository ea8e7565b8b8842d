"""Say numbers of bytes for people."""


def size_in_words(n_bytes: float) -> str:
    """Return a size in the unit that suits it, in steps of a thousand.

    Example:
        >>> [size_in_words(n_bytes) for n_bytes in (300.0, 3.2e6, 99.96e9)]
        ['0.3 kB', '3.2 MB', '100.0 GB']
    """
    for unit, factor in (("GB", 1e9), ("MB", 1e6)):
        if n_bytes >= 0.1 * factor:
            return f"{n_bytes / factor:.1f} {unit}"
    return f"{n_bytes / 1e3:.1f} kB"
