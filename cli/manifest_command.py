"""``mmfeat manifest``: tables and settings of public cohorts, from their downloads."""

from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from .console import console, print_json, show_lines
from .idc_command import idc
from .manifest_options import CohortName, DryRun, Output, Overwrite, Variant
from .options import AsJson

manifest_app = typer.Typer(
    help="Make the table and settings of a public cohort from its download.", no_args_is_help=True
)


@manifest_app.callback()
def _group() -> None:
    """Make the table and settings of a public cohort from its download."""


@manifest_app.command("list")
def list_cohorts(as_json: AsJson = False) -> None:
    """List the cohorts that are set up, with their variants and how to get them.

    Example: `mmfeat manifest list`
    """
    from mmfeat.data_manifests import COHORTS
    from mmfeat.data_manifests.opening import public_cohort

    from .manifest_screen import cohort_facts, cohorts_table

    cohorts = [public_cohort(name) for name in COHORTS]
    if as_json:
        print_json([cohort_facts(cohort) for cohort in cohorts])
        return
    console.print(cohorts_table(cohorts))
    console.print("Access, licence, what to cite: mmfeat manifest show NAME", soft_wrap=True)


@manifest_app.command()
def show(
    name: CohortName,
    readme: Annotated[
        bool, typer.Option("--readme", help="Print the whole README of the cohort.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what a cohort is, how to get it, its licence and what to cite.

    `--readme` has everything: the files that are expected, labels, splits, and what leaks.

    Example: `mmfeat manifest show nlst --readme`
    """
    from mmfeat.data_manifests.opening import public_cohort, readme_of

    from .manifest_screen import cohort_facts, cohort_lines

    cohort = public_cohort(name)
    if as_json:
        print_json(cohort_facts(cohort) | ({"readme": readme_of(name)} if readme else {}))
        return
    show_lines([readme_of(name).rstrip()] if readme else cohort_lines(cohort))


@manifest_app.command()
def make(
    name: CohortName,
    download: Annotated[
        Path, typer.Argument(metavar="DOWNLOAD", help="Folder with the cohort's own files.")
    ],
    output: Output,
    variant: Variant = None,
    dry_run: DryRun = False,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Turn a download into a table and settings, checked, and count what is in it.

    Nothing in the download is changed, and no scan is read. Written are `table.csv`, the settings,
    and `manifest.json`: the digests of what was read, and everything that was left out and why.

    Example: `mmfeat manifest make lidc-idri downloads/lidc --output lidc`
    """
    from mmfeat.data_manifests.opening import public_cohort

    from mmfeat.stages.public_cohort import make_manifest

    from .manifest_screen import made_json, made_lines
    from .stopping import stops_at_once

    with stops_at_once():
        made = make_manifest(
            public_cohort(name),
            download,
            output=output,
            variant=variant,
            overwrite=overwrite,
            dry_run=dry_run,
        )
    if as_json:
        print_json(made_json(made))
        return
    show_lines(made_lines(made))


@manifest_app.command()
def sample(
    name: CohortName,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="New or empty folder to write to.")],
    variant: Variant = None,
    as_json: AsJson = False,
) -> None:
    """Write a small made-up download in a cohort's layout, to try everything before the real one.

    Nothing in it is real, and nothing can be learnt from it.

    Example: `mmfeat manifest sample nlst nlst-sample`
    """
    from mmfeat.data_manifests.opening import public_cohort

    from mmfeat.stages.public_cohort import write_sample

    from .stopping import stops_at_once

    with stops_at_once():
        written = write_sample(public_cohort(name), folder, variant=variant)
    if as_json:
        print_json({"cohort": name, "variant": written, "folder": str(folder)})
        return
    asked = "" if variant is None else f" --variant {written}"
    show_lines(
        [
            f"{folder}: a made-up download of {name}, nothing in it is real",
            f"Next: mmfeat manifest make {name} {quote(str(folder))} "
            f"--output {name}-made-up{asked}",
        ]
    )


manifest_app.command("idc")(idc)
