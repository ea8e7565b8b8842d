"""``mmfeat config``: what can be set, and whether what is set fits the cohort."""

from typing import TYPE_CHECKING

import typer

from . import exit_codes
from .console import print_json, show_lines
from .options import DEFAULT_CONFIG, AsJson, ConfigFile, Overrides

if TYPE_CHECKING:
    from mmfeat.stages.cohort_summary import CohortSummary

config_app = typer.Typer(
    help="Show what can be set, and check settings against the cohort.", no_args_is_help=True
)


@config_app.command("schema")
def schema() -> None:
    """Print the JSON schema of the settings file, with every key, its meaning and its default.

    Example: `mmfeat config schema > mmfeat.schema.json`; an editor that knows YAML schemas then
    completes and checks, given a first line `# yaml-language-server: $schema=mmfeat.schema.json`.
    """
    from mmfeat.config.settings import Settings

    print_json(
        {"$schema": "https://json-schema.org/draft/2020-12/schema"} | Settings.model_json_schema()
    )


@config_app.command("check")
def check(
    config: ConfigFile = DEFAULT_CONFIG, overrides: Overrides = None, as_json: AsJson = False
) -> None:
    """Check settings and the whole table, and count what is in them; nothing is written.

    With `--json`, all faults of the table are listed, however many.

    Example: `mmfeat config check mmfeat.yaml --set cohort.split.folds=3`
    """
    from mmfeat.config.loading import load_project
    from mmfeat.errors import CohortError
    from mmfeat.stages.check import check_project

    project = load_project(config, overrides or [])
    try:
        summary = check_project(project)
    except CohortError as error:
        if not as_json or not error.faults:
            raise
        print_json({"faults": [vars(fault) for fault in error.faults]})
        raise typer.Exit(exit_codes.USER_CAN_MEND) from error
    if as_json:
        print_json({"faults": [], **summary.to_json()})
        return
    split = project.settings.cohort.split
    made = split.column is not None or project.path(split.file).exists()
    show_lines(_lines(summary, splits_are_made=made))


def _lines(summary: "CohortSummary", *, splits_are_made: bool) -> list[str]:
    lines = [f"{summary.n_cases} cases of {summary.n_patients} patients; no faults", "targets"]
    for name, target in summary.targets.items():
        shares = [
            f"{output}: {target.counts[output]} ({100 * share:.1f} %)"
            for output, share in target.prevalence.items()
        ]
        missing = f"{target.n_missing} missing"
        lines.append(f"  {name} ({target.kind}): {'; '.join([*shares, missing])}")
    lines.append("modalities")
    for name, count in summary.modalities.items():
        n_several = summary.n_several.get(name, 0)
        several = f", {n_several} with several scans" if n_several else ""
        lines.append(f"  {name}: {count} cases{several}")
    if len(summary.modalities) > 1:
        lines.append("availability")
        lines += [f"  {names}: {count} cases" for names, count in summary.availability.items()]
    lines.append("folds" if splits_are_made else "folds, as they will be made")
    lines += [
        f"  {number}: " + ", ".join(f"{part} {count}" for part, count in fold.items())
        for number, fold in enumerate(summary.folds)
    ]
    return [*lines, *summary.notes]
