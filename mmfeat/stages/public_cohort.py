"""Make the manifest and settings of a public cohort from its download."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from mmfeat.config.loading import load_project
from mmfeat.errors import CohortError
from mmfeat.public_cohorts.built import TABLE_FILE, BuiltCohort
from mmfeat.public_cohorts.contract import PublicCohort
from mmfeat.public_cohorts.writing import ACCOUNT_FILE, WrittenCohort, check_room, write_built
from mmfeat.stages.cohort import open_cohort, open_folds
from mmfeat.stages.cohort_summary import CohortSummary, summarise_cohort


@dataclass(frozen=True)
class MadeManifest:
    """Tell what was made of a download."""

    cohort: str
    variant: str
    written: WrittenCohort | None
    """None where nothing was to be written."""
    summary: CohortSummary
    """What the first settings see in the table."""
    built: BuiltCohort


def make_manifest(
    cohort: PublicCohort,
    download: Path,
    *,
    output: Path,
    variant: str | None = None,
    overwrite: bool = False,
    dry_run: bool = False,
) -> MadeManifest:
    """Build the tables and settings of a cohort, write them, and check them as a run would.

    Args:
        cohort: Whose download it is.
        download: The folder with the download; nothing in it is changed.
        output: Folder to write to.
        variant: One of the cohort's variants; its first when not given.
        overwrite: Replace files that are there.
        dry_run: Do everything but write to ``output``.

    Raises:
        CohortError: The download is not what is expected, or ``output`` cannot be written to.
    """
    chosen = cohort.variant(variant)
    if not download.is_dir():
        problem = "is a file" if download.exists() else "no such folder"
        raise CohortError(f"{download}: {problem}; name the folder that holds the download")
    if not dry_run:  # said before hours of reading, not after
        check_room(output, (TABLE_FILE, ACCOUNT_FILE), overwrite=overwrite)
    built = cohort.build(download, chosen)
    origin = {
        "cohort": cohort.name,
        "variant": chosen,
        "licence": cohort.licence,
        "citation": cohort.citation,
    }
    with tempfile.TemporaryDirectory(prefix="mmfeat-manifest-") as tried:
        tables_only = replace(built, sources=())  # what was read is digested once, below
        written = write_built(tables_only, origin, download=download, output=Path(tried))
        summary = _checked(written)
    if dry_run:
        return MadeManifest(cohort.name, chosen, None, summary, built)
    written = write_built(built, origin, download=download, output=output, overwrite=overwrite)
    return MadeManifest(cohort.name, chosen, written, summary, built)


def write_sample(cohort: PublicCohort, folder: Path, *, variant: str | None = None) -> str:
    """Write the small made-up download of a cohort into a new or empty folder.

    Returns:
        The variant that was written.

    Raises:
        CohortError: There is something in the folder, or it cannot be written.
    """
    chosen = cohort.variant(variant)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CohortError(f"{folder}: is there and not an empty folder; give a new one")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        place = folder.resolve()
        with tempfile.TemporaryDirectory(prefix=f".{place.name}.", dir=place.parent) as beside:
            cohort.write_sample(Path(beside), chosen)  # a stop leaves no half of a download
            for file in Path(beside).iterdir():
                file.replace(place / file.name)
    except OSError as error:
        raise CohortError(
            f"{folder}: cannot be written ({error.strerror}: {error.filename}); give a folder "
            "with room where you may write"
        ) from error
    return chosen


def _checked(written: WrittenCohort) -> CohortSummary:
    """Look at the table with all settings, and return what the first see in it.

    Whether weights and packages are here is not asked: the table may be made elsewhere.
    """
    summaries = []
    for file in written.settings:
        project = load_project(file)
        seen = open_cohort(project)
        folds = open_folds(project, seen, save=False)
        summaries.append(summarise_cohort(project, seen, folds))
    return summaries[0]
