"""``mmfeat export``: a finished run as one portable folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import print_json, show_lines
from .options import AsJson
from .stopping import stops_at_once

if TYPE_CHECKING:
    from mmfeat.stages.predicting.exporting import ExportReport


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished run.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write the folder.")],
    methods: Annotated[
        str | None,
        typer.Option(metavar="NAME,NAME", help="Methods to export; the run's first by default."),
    ] = None,
    onnx: Annotated[
        bool, typer.Option("--onnx", help="Also write each fold's heads as ONNX files.")
    ] = False,
    torch_export: Annotated[
        bool,
        typer.Option("--torch-export", help="Also write each fold's heads by torch.export."),
    ] = False,
    without_patients: Annotated[
        bool,
        typer.Option(
            "--without-patients",
            help="Leave out the salted digests by which patients of the training are recognised.",
        ),
    ] = False,
    with_records: Annotated[
        bool,
        typer.Option(
            "--with-records",
            help="Allow record encoders that keep the training part's records, without ids.",
        ),
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a folder that was exported before.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write a run as one portable folder that predicts new cases elsewhere.

    It holds JSON, safetensors and a model card: no path, no patient id, no scan and
    no record of the cohort. `mmfeat predict` and `mmfeat.load_run` take it as they
    take a run; every file is checked when it is opened.

    Example: mmfeat export run model --methods mmfeat,average
    """
    from mmfeat.stages.predicting.exporting import ExportOptions, export_run
    from mmfeat.stages.predicting.runtime_files import runtime_writers

    options = ExportOptions(
        methods=tuple(name.strip() for name in (methods or "").split(",") if name.strip()),
        with_patients=not without_patients,
        with_records=with_records,
        overwrite=overwrite,
    )
    with stops_at_once():
        add = runtime_writers(onnx=onnx, torch_export=torch_export)
        report = export_run(run, folder, options, add=add)
    if as_json:
        print_json(report.to_json())
    else:
        _show(report)


def _show(report: "ExportReport") -> None:
    from mmfeat.size_in_words import size_in_words

    lines = [
        f"{report.n_heads} heads ({', '.join(report.methods)}) for {', '.join(report.targets)}: "
        f"{size_in_words(report.n_bytes)} in {report.folder}"
    ]
    if not report.is_evaluated:
        lines.append(
            "note: the run was not evaluated, so there is no calibration and no metric in the "
            "model card; run `mmfeat eval` first"
        )
    lines.append(f"complete the model card: {report.folder / 'README.md'}")
    show_lines(lines)
