"""What the commands of ``mmfeat cache`` print of the folders of a cache."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.filesize import decimal

from .console import console

if TYPE_CHECKING:
    from rich.console import JustifyMethod
    from rich.table import Table

    from mmfeat.cache.contents import CacheContents
    from mmfeat.stages.caches.compact import CompactedFolder
    from mmfeat.stages.caches.merge import MergedFolder
    from mmfeat.stages.caches.verify import VerifyReport

_SHOWN_CLASHES = 5


def say(text: str) -> None:
    """Print a line as it is, however long."""
    console.print(text, soft_wrap=True)


def show_contents(contents: "Sequence[CacheContents]") -> None:
    """Print a table of many folders, or all that is known of one."""
    if len(contents) == 1:
        _show_one(contents[0])
        return
    headings = ["folder", "encoder", "cases", "width", "shards", "size", "failed"]
    rows = [
        [
            f"{one.modality}/{one.path.name}",
            str(one.identity.get("encoder", "?")),
            str(one.n_cases),
            "-" if one.width is None else str(one.width),
            str(one.n_shards),
            decimal(one.n_bytes),
            str(one.n_failed + one.n_rejected),
        ]
        for one in contents
    ]
    if any(one.tokens is not None for one in contents):
        headings.insert(4, "tokens")
        for row, one in zip(rows, contents, strict=True):
            row.insert(4, "-" if one.tokens is None else str(one.tokens.n_tokens))
    console.print(table(headings, rows, n_texts=2))
    for one in contents:
        if one.damage:
            say(f"damaged: {one.damage}")


def _show_one(one: "CacheContents") -> None:
    import yaml

    written = "-" if one.first_written is None else f"{one.first_written} to {one.last_written}"
    lines = [
        ("folder", str(one.path)),
        ("modality", one.modality),
        ("encoder", str(one.identity.get("encoder", "?"))),
        ("weights", str(one.identity.get("weights_sha256") or "none")),
        ("fingerprint", one.fingerprint),
        ("cases", f"{one.n_cases}, {one.n_rows} rows"),
        ("width", "-" if one.width is None else str(one.width)),
        ("tokens", _tokens(one)),
        ("shards", f"{one.n_shards}, {decimal(one.n_bytes)} with all files of the folder"),
        ("failed", f"{one.n_failed}, and {one.n_rejected} rejected for their quality"),
        ("written", written),
        ("last run", _last_run(one)),
    ]
    lines += [
        ("made with", ", ".join(f"{name} {version}" for name, version in made.items()))
        for made in one.versions
    ]
    for heading, text in lines:
        say(f"{heading + ':':<13}{text}")
    if one.damage:
        say(f"{'damaged:':<13}{one.damage}")
    say("recipe:")
    text = yaml.safe_dump(one.identity, sort_keys=False, default_flow_style=None, width=10_000)
    for line in text.splitlines():
        say(f"  {line}")


def _tokens(one: "CacheContents") -> str:
    tokens = one.tokens
    if tokens is None:
        return "none"
    n_each = f"{tokens.fewest} to {tokens.most}" if tokens.fewest < tokens.most else tokens.most
    return f"{tokens.n_tokens} of {tokens.width} values, {n_each} a scan, {decimal(tokens.n_bytes)}"


def _last_run(one: "CacheContents") -> str:
    run = one.last_run
    if run is None:
        return "-"
    counts = [
        f"{run[key]} {word}"
        for key, word in (("n_extracted", "extracted"), ("n_failed", "failed"))
        if key in run
    ]
    return ", ".join(counts) + (f", in {run['wall_s']:.1f} s" if "wall_s" in run else "")


def show_verified(report: "VerifyReport") -> None:
    """Print what was read, then what is wrong."""
    for folder in report.folders:
        verdict = f"{len(folder.problems)} wrong" if folder.problems else "sound"
        say(
            f"{folder.path}: {verdict}; {folder.n_rows} sound rows, {folder.n_shards} shards, "
            f"{decimal(folder.n_bytes)} read"
        )
    for folder in report.folders:
        for problem in folder.problems:
            say(f"wrong: {problem}")
        for leftover in folder.leftovers:
            say(f"leftover: {leftover}")


def show_merged(merged: "Sequence[MergedFolder]", *, dry_run: bool) -> None:
    """Print what each folder has taken over, or would."""
    would = "would take" if dry_run else "took"
    for one in merged:
        say(
            f"{one.into}: {would} {one.n_copied} rows of {len(one.sources)} folders; "
            f"{one.n_held} were there already; {one.n_failures} scans are listed as failed"
        )
        if one.clashes:
            say(
                f"  {len(one.clashes)} rows were there with other bits and stay as they are; "
                f"the largest difference is {one.largest_clash:.1e} of the largest value"
            )
        for clash in one.clashes[:_SHOWN_CLASHES]:
            say(f"    {clash.case_id}: {clash.relative:.1e}")


def show_compacted(compacted: "Sequence[CompactedFolder]") -> None:
    """Print the shards of each folder before and after."""
    for one in compacted:
        after_bytes = "" if one.n_bytes_after is None else f", {decimal(one.n_bytes_after)}"
        say(
            f"{one.path}: {one.n_shards_before} shards, {decimal(one.n_bytes_before)} -> "
            f"{one.n_shards_after}{after_bytes}"
        )


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, n_texts: int) -> "Table":
    """Return a plain table; the first columns are texts, the others numbers to the right."""
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for number, heading in enumerate(headings):
        justify: JustifyMethod = "left" if number < n_texts else "right"
        made.add_column(heading, justify=justify, overflow="fold", no_wrap=number == 0)
    for row in rows:
        made.add_row(*row)
    return made
