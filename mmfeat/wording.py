"""Names and counts in sentences for people: of many names, the first few."""

from collections.abc import Iterable, Sequence


def first_few(names: Sequence[str], most: int) -> str:
    """Return names with commas, and dots after the first few where there are more.

    Example:
        >>> first_few(["a", "b"], 2), first_few(["a", "b", "c"], 2)
        ('a, b', 'a, b, ...')
    """
    return ", ".join(names[:most]) + ", ..." * (len(names) > most)


def first_of_all(names: Sequence[str], most: int) -> str:
    """Return the first few names and, where there are more, how many there are in all.

    Example:
        >>> first_of_all(["a", "b"], 2), first_of_all(["a", "b", "c"], 2)
        ('a, b', 'a, b, ... (3 in all)')
    """
    return first_few(names, most) + f" ({len(names)} in all)" * (len(names) > most)


def first_and_more(names: Sequence[str], most: int) -> str:
    """Return the first few names, and how many more there are.

    Example:
        >>> first_and_more(["a", "b"], 2), first_and_more(["a", "b", "c"], 2)
        ('a, b', 'a, b and 1 more')
    """
    return ", ".join(names[:most]) + f" and {len(names) - most} more" * (len(names) > most)


def ticked(names: Iterable[object]) -> list[str]:
    """Return names as messages mark what a user wrote.

    Example:
        >>> ticked(["a", "b"])
        ['`a`', '`b`']
    """
    return [f"`{name}`" for name in names]


def counted(number: int, word: str) -> str:
    """Return a number of things; the word is one that takes an s.

    Example:
        >>> counted(1, "shard"), counted(2, "shard")
        ('1 shard', '2 shards')
    """
    return f"{number} {word}{'s' * (number != 1)}"
