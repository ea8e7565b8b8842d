"""What the numbers were made from and on, so that they can be made again."""

from collections.abc import Mapping
from typing import Any

import yaml

from mmfeat.report.html.blocks import Block, Cell, Code, Facts, Folded, Row, Section, Table, Text
from mmfeat.report.html.page_source import PageSource
from mmfeat.report.html.words import MAKE_AGAIN, NONE


def provenance_section(source: PageSource) -> Section:
    """Return the section with versions, digests, splits, seeds, settings and machine."""
    results, run = source.results, source.run
    known = results.get("provenance")
    blocks: list[Block] = []
    if known:
        blocks.append(Facts(_facts(source, known)))
        if known["encoders"]:
            blocks.append(_encoder_table(known))
    else:
        digest = ("Settings, SHA-256", str(results.get("settings_sha256", NONE)))
        blocks += [Text(MAKE_AGAIN, tone="note"), Facts([digest, _versions(source)])]
    if run:
        blocks.append(_training_table(run))
        text = yaml.safe_dump(run["settings"], sort_keys=False, allow_unicode=True)
        blocks.append(Folded("All settings, as the heads were trained", [Code(text)]))
    return Section("provenance", "Provenance", blocks)


def _facts(source: PageSource, known: Mapping[str, Any]) -> list[tuple[str, str]]:
    machine, splits = known["machine"], known["splits"]
    facts = [
        ("Evaluated", source.evaluated),
        (
            "Machine",
            f"{machine['system']}, {machine['architecture']}, {machine['cores']} cores, "
            f"{machine['memory_gib']:g} GiB",
        ),
        ("Manifest", known["manifest"]["file"]),
        ("Manifest, SHA-256", known["manifest"]["sha256"]),
        ("Splits", _split_words(splits)),
        ("Splits, SHA-256", splits["sha256"]),
        ("Settings, SHA-256", source.results["settings_sha256"]),
    ]
    facts.append(_versions(source))
    facts += [(f"Features of {name}", digest) for name, digest in known["features"].items()]
    return facts


def _versions(source: PageSource) -> tuple[str, str]:
    versions = source.results.get("versions", {})
    return "Versions", ", ".join(f"{name} {version}" for name, version in versions.items())


def _split_words(splits: Mapping[str, Any]) -> str:
    by = f", stratified by {splits['stratify_by']}" if splits.get("stratify_by") else ""
    site = ", each site tested by models that never saw it" if splits.get("by_site") else ""
    folds = f"{splits['folds']} folds by patient{by}{site}"
    return f"{folds}, seed {splits['seed']}, validation share {splits['val_share']:g}"


def _encoder_table(known: Mapping[str, Any]) -> Table:
    rows = [
        Row(
            [
                Cell(name),
                Cell(one["encoder"]),
                Cell(f"{one['embedding_size']:,}", value=float(one["embedding_size"])),
                Cell(one["weights_sha256"] or "no weights"),
            ]
        )
        for name, one in known["encoders"].items()
    ]
    head = ("Modality", "Encoder, frozen", "Values", "Weights, SHA-256")
    return Table("Frozen encoders", head, rows, is_wide=True)


def _training_table(run: Mapping[str, Any]) -> Table:
    seconds = run.get("seconds_per_head", {})
    rows = [
        Row(
            [
                Cell(method),
                Cell(", ".join(map(str, seeds))),
                Cell(f"{seconds[method]:.2f}", value=float(seconds[method]))
                if method in seconds
                else Cell(NONE, value=""),
            ]
        )
        for method, seeds in run.get("methods", {}).items()
    ]
    note = (
        f"{run['heads']} heads in {run['folds']} folds, trained on {run['device']} in "
        f"{run['seconds']:.0f} s."
    )
    return Table("Training", ("Method", "Seeds", "Seconds a head"), rows, note)
