"""``mmfeat cache export`` and ``mmfeat cache import``: features to and from other programs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import ProgressBar, print_json, show_lines
from .options import AsJson
from .stoppable_progress import StoppableProgress
from .stopping import stop_requests

if TYPE_CHECKING:
    from mmfeat.manifest.cohort import Cohort
    from mmfeat.stages.caches.importing import ImportReport

Folder = Annotated[
    Path,
    typer.Argument(
        metavar="FOLDER", help="Cache folder, such as cache/ct/0123456789ab; or one above it."
    ),
]
To = Annotated[
    Path,
    typer.Option(
        "--to",
        metavar="FILE",
        help="File to write; ends in .parquet, .npz, .safetensors or .csv.",
    ),
]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        help="parquet, npz, safetensors or csv, if FILE does not end so; added as its ending.",
    ),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace FILE if it is there.")]
Sources = Annotated[
    list[Path],
    typer.Argument(
        metavar="SOURCE...", help="Files of one format, or folders with such files, read to depth."
    ),
]
Into = Annotated[
    Path, typer.Option("--into", metavar="FOLDER", help="The cache; made if it is not there.")
]
Modality = Annotated[
    str, typer.Option("--modality", help="What the embeddings are of; the folder in the cache.")
]
Name = Annotated[
    str, typer.Option("--name", help="What made them, for people; kept in their recipe.")
]
Key = Annotated[
    str | None,
    typer.Option(
        "--key",
        help="Array, entry or column of lists with the vectors; else feature(s) or embedding(s).",
    ),
]
IdKey = Annotated[
    str | None,
    typer.Option(
        "--id-key",
        help="Array, entry or column with the ids; else case_id(s), patient_id or id(s).",
    ),
]
Pattern = Annotated[
    str | None,
    typer.Option(
        "--pattern",
        metavar="REGEX",
        help="Where the case is in the path of a file of one vector: the group (?P<case_id>...); "
        "else its name without the ending.",
    ),
]
TrustPickle = Annotated[
    bool,
    typer.Option(
        "--trust-pickle",
        help="Take numbers, texts and plain containers out of pickled objects in NPZ and NPY "
        "files; nothing in them is run.",
    ),
]
ForConfig = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="CONFIG",
        help="Also count how many cases of this settings file's cohort are among the ids.",
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only say what would be imported; write nothing.")
]


def export_features(
    folder: Folder,
    file: To,
    file_format: Format = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Write the features of a cache folder into one file, with their provenance.

    Example: mmfeat cache export cache/ct --to ct.parquet
    """
    from mmfeat.stages.caches.export import export_cache

    report = export_cache(folder, file, file_format=file_format, overwrite=overwrite)
    if as_json:
        print_json(report.to_json())
        return
    said = report.provenance
    lines = [
        f"{report.file}: {said['n_scans']} scans of {said['n_cases']} cases, "
        f"{said['embedding_size']} values each",
        f"  from {report.folder}, encoder {said['recipe'].get('encoder')}",
        f"  content SHA-256 {said['content_sha256']}",
    ]
    if "n_tokens" in said:
        lines.insert(1, f"  {said['n_tokens']} tokens, {said['token_size']} values each")
    if report.tokens_left_out:
        lines.append("  without the tokens, for which only .npz has room")
    if report.sidecar is not None:
        lines.append(f"  provenance in {report.sidecar}")
    _print(lines)


def import_features(
    sources: Sources,
    into: Into,
    modality: Modality,
    name: Name,
    key: Key = None,
    id_key: IdKey = None,
    pattern: Pattern = None,
    trust_pickle: TrustPickle = False,
    config: ForConfig = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Put embeddings that were made elsewhere into a cache folder of their own.

    Reads .npz, .npy, .parquet, .csv, .pt, .pth and .safetensors, one file for all or one
    for each case. Settings use the folder as a modality of kind `features`.

    Example: mmfeat cache import vectors/ --into cache --modality ct --name my-encoder
    """
    from mmfeat.stages.caches.import_files import ImportRules
    from mmfeat.stages.caches.importing import ImportTarget, import_embeddings

    rules = ImportRules(key=key, id_key=id_key, pattern=pattern, trust_pickle=trust_pickle)
    cohort = None if config is None else _open_cohort(config)
    with stop_requests() as should_stop, ProgressBar() as progress:
        report = import_embeddings(
            sources,
            ImportTarget(into, modality, name),
            rules=rules,
            cohort=cohort,
            dry_run=dry_run,
            progress=StoppableProgress(progress, should_stop),
        )
    if as_json:
        print_json(report.to_json())
    else:
        _show_import(report)


def _open_cohort(config: Path) -> "Cohort":
    from mmfeat.config.loading import load_project
    from mmfeat.stages.cohort import open_cohort

    return open_cohort(load_project(config))


def _show_import(report: "ImportReport") -> None:
    if report.there_before:
        done = "is there already, nothing was written"
    else:
        done = "imported" if report.written else "would be imported"
    counts = f"{report.identity['n_scans']} embeddings of {report.n_cases} cases"
    shown = ", ".join(report.first_ids) + (
        ", ..." if report.n_cases > len(report.first_ids) else ""
    )
    lines = [
        f"{report.folder}: {done}",
        f"  {counts}, {report.identity['embedding_size']} values each",
        f"  ids: {shown}",
    ]
    if report.left_out:
        lines.append(f"  not imported: {', '.join(report.left_out)}")
    lines += [
        f"  {found} of {total} {key}s of the cohort are among the ids"
        for key, (found, total) in report.matches.items()
    ]
    lines.append(f"  in the settings: {{kind: features, file: {report.folder}}}")
    _print(lines)


def _print(lines: list[str]) -> None:
    show_lines(lines)
