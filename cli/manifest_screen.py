"""What ``mmfeat manifest`` shows of cohorts and of what was made of them."""

from collections.abc import Sequence
from dataclasses import asdict
from shlex import quote
from typing import TYPE_CHECKING, Any

from rich.table import Table

from mmfeat.wording import first_few

if TYPE_CHECKING:
    from mmfeat.public_cohorts.contract import PublicCohort
    from mmfeat.stages.public_cohort import MadeManifest

_IDS_SHOWN = 3


def cohorts_table(cohorts: Sequence["PublicCohort"]) -> Table:
    """Return the cohorts as a table."""
    table = Table(title="Public cohorts", title_justify="left")
    table.add_column("cohort", no_wrap=True)
    table.add_column("what it is")
    table.add_column("variants", no_wrap=True)
    for cohort in cohorts:
        table.add_row(cohort.name, cohort.title, "\n".join(cohort.variants))
    return table


def cohort_facts(cohort: "PublicCohort") -> dict[str, Any]:
    """Return what is known of a cohort as plain JSON values."""
    return {
        "name": cohort.name,
        "title": cohort.title,
        "homepage": cohort.homepage,
        "access": cohort.access,
        "licence": cohort.licence,
        "citation": cohort.citation,
        "variants": dict(cohort.variants),
    }


def cohort_lines(cohort: "PublicCohort") -> list[str]:
    """Return what is known of a cohort in lines."""
    return [
        f"{cohort.name}: {cohort.title}",
        f"  homepage: {cohort.homepage}",
        f"  access: {cohort.access}",
        f"  licence: {cohort.licence}",
        "  cite:",
        *(f"    {line}" for line in cohort.citation.splitlines()),
        "  variants:",
        *(f"    {name}: {meaning}" for name, meaning in cohort.variants.items()),
        f"Files, labels, splits and leaks: mmfeat manifest show {cohort.name} --readme",
        f"Try it without the data: mmfeat manifest sample {cohort.name} {cohort.name}-sample",
    ]


def made_json(made: "MadeManifest") -> dict[str, Any]:
    """Return what was made as plain JSON values."""
    written = made.written
    return {
        "cohort": made.cohort,
        "variant": made.variant,
        "files": [] if written is None else [str(file) for file in written.files],
        "settings": [] if written is None else [str(file) for file in written.settings],
        "left_out": {reason: list(ids) for reason, ids in made.built.left_out.items()},
        "notes": list(made.built.notes),
        "summary": asdict(made.summary),
    }


def made_lines(made: "MadeManifest") -> list[str]:
    """Return what was made in lines, with the next command last."""
    summary, written = made.summary, made.written
    where = "nothing written" if written is None else str(written.folder)
    lines = [
        f"{where}: {made.cohort} ({made.variant}), {summary.n_cases} cases of "
        f"{summary.n_patients} patients"
    ]
    for name, target in summary.targets.items():
        counts = [f"{output}: {count}" for output, count in target.counts.items()]
        known = f"{target.n_known} known"
        lines.append(f"  {name} ({target.kind}): {'; '.join([known, *counts])}")
    lines += [f"  {name}: {count} cases" for name, count in summary.modalities.items()]
    lines += [
        f"  left out, {_left_out(why, ids)}" for why, ids in made.built.left_out.items() if ids
    ]
    lines += [f"note: {note}" for note in (*made.built.notes, *summary.notes)]
    if written is None:
        return [*lines, "Next: the same command without --dry-run"]
    account = next(file for file in written.files if file.suffix == ".json")
    settings = quote(str(written.settings[0]))
    return [
        *lines,
        f"What was read and what was left out: {account}",
        f"Next: mmfeat config check {settings}, then mmfeat run {settings}",
    ]


def _left_out(why: str, ids: Sequence[str]) -> str:
    return f"{why}: {len(ids)} ({first_few(ids, _IDS_SHOWN)})"
