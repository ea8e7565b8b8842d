"""A made-up download of a cohort that a test may change."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from mmfeat.data_manifests.opening import public_cohort

from mmfeat.public_cohorts.built import BuiltCohort


@dataclass(frozen=True)
class Download:
    """A folder in the layout of a cohort, and how it is built."""

    cohort: str
    variant: str
    folder: Path

    def build(self, variant: str | None = None) -> BuiltCohort:
        """Build the cohort from the folder as it is now."""
        return public_cohort(self.cohort).build(self.folder, variant or self.variant)

    def table(self) -> pd.DataFrame:
        """Return the table as it would be written, by case."""
        return self.build().table.set_index("case_id", drop=False)

    def change(self, name: str, change: Callable[[str], str]) -> None:
        """Change the text of a file, which other copies do not share then."""
        file = self.folder / name
        text = change(file.read_text(encoding="utf-8"))
        file.unlink()
        file.write_text(text, encoding="utf-8")


def written(cohort: str, folder: Path, variant: str | None = None) -> Download:
    """Write the made-up download of a cohort."""
    chosen = public_cohort(cohort).variant(variant)
    public_cohort(cohort).write_sample(folder, chosen)
    return Download(cohort, chosen, folder)


def copied(download: Download, folder: Path) -> Download:
    """Return a copy that may be changed by `Download.change` and by removing files."""
    shutil.copytree(download.folder, folder, copy_function=os.link)
    return Download(download.cohort, download.variant, folder)
