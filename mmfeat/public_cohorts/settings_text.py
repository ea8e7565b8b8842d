"""Read the settings that are shipped beside a cohort's builder."""

from collections.abc import Sequence
from importlib.resources import files


def shipped_settings(package: str, names: Sequence[str]) -> dict[str, str]:
    """Return the texts of settings files that lie in a package, by name, in the order given.

    Args:
        package: The package of the cohort; ``__package__`` from within it.
        names: File names, the one to run first.
    """
    folder = files(package)
    return {name: folder.joinpath(name).read_text(encoding="utf-8") for name in names}
