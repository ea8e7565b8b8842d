"""What a public cohort has to bring so that ``mmfeat manifest`` can make its manifest."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mmfeat.config.spelling import did_you_mean
from mmfeat.errors import CohortError
from mmfeat.public_cohorts.built import BuiltCohort


@dataclass(frozen=True)
class PublicCohort:
    """Describe one cohort, and say how its download becomes a table and settings."""

    name: str
    """As it is called on the command line: lower case, with hyphens."""
    title: str
    """Full name, as its publishers write it."""
    homepage: str
    licence: str
    """Of the data, in a few words."""
    access: str
    """How to get it, in one sentence."""
    citation: str
    """What to cite, in one line for each work."""
    variants: Mapping[str, str]
    """Ways to set it up, each with a sentence; the first is what is made when none is asked for."""
    build: Callable[[Path, str], BuiltCohort]
    """Make the tables and settings from the folder with the download, for a variant. It raises a
    CohortError of one line where the download is not what is expected."""
    write_sample: Callable[[Path, str], None]
    """Write a small made-up download of the same layout, for a variant, into an empty folder."""

    @property
    def default_variant(self) -> str:
        """The variant that is made when none is asked for."""
        return next(iter(self.variants))

    def variant(self, asked: str | None) -> str:
        """Return the variant that is asked for, or the default one.

        Raises:
            CohortError: There is no such variant.
        """
        if asked is None:
            return self.default_variant
        if asked not in self.variants:
            known = ", ".join(self.variants)
            raise CohortError(
                f"--variant {asked}: {self.name} has {known}{did_you_mean(asked, self.variants)}"
            )
        return asked
