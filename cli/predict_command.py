"""``mmfeat predict``: what a run says of new cases."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import exit_codes
from .console import ProgressBar, messages, print_json
from .options import AsJson, Overrides, TrustCode
from .stopping import stop_requests

if TYPE_CHECKING:
    from mmfeat.config.loading import Project
    from mmfeat.stages.predicting.new_cases import NewCases

_NAMED_FILE = "NAME=FILE"


def predict(
    run: Annotated[
        Path,
        typer.Argument(metavar="RUN", help="Run folder, or a folder that `mmfeat export` wrote."),
    ],
    manifest: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Table of new cases, with the columns of the manifest."),
    ] = None,
    scan: Annotated[
        list[str] | None,
        typer.Option(
            metavar=_NAMED_FILE,
            help="Scan of a single patient, by the name of its modality; repeatable.",
        ),
    ] = None,
    ct: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The same where the run has one modality of scans."),
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Record of a single patient: one JSON object."),
    ] = None,
    file: Annotated[
        list[str] | None,
        typer.Option(
            metavar=_NAMED_FILE,
            help="Table of scans, or embeddings, of a modality that the table does not hold.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Table to write: .csv or .parquet."),
    ] = None,
    method: Annotated[
        str | None, typer.Option(metavar="NAME", help="Method to ask; the run's first by default.")
    ] = None,
    level: Annotated[
        float,
        typer.Option(metavar="SHARE", help="How often sets and intervals are to hold the truth."),
    ] = 0.9,
    cache: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Where features are kept: the run's cache by default, or of an exported run "
            "`cache` in the present folder.",
        ),
    ] = None,
    weights: Annotated[
        list[str] | None,
        typer.Option(metavar=_NAMED_FILE, help="Weights of a modality's encoder; repeatable."),
    ] = None,
    allow_overlap: Annotated[
        bool,
        typer.Option("--allow-overlap", help="Predict also patients who were trained on."),
    ] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try scans again that failed before.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the output if it is there.")
    ] = False,
    trust_code: TrustCode = False,
    overrides: Overrides = None,
    as_json: AsJson = False,
) -> None:
    """Predict new cases with all heads of a run, from whatever each case has.

    A table by --manifest, or a single patient by --ct or --scan and --record.
    Scans are embedded with the very recipe and weights of the run.

    Shown are calibrated probabilities, how far the heads agree, sets or
    intervals that hold the truth at the level asked for, what each modality
    adds, and what is unlike the cases trained on.

    Cases that cannot be predicted, and scans that cannot be used, are listed;
    the exit code is then 3.

    Example: mmfeat predict run --manifest new.csv --output new-predictions.csv
    """
    with stop_requests() as should_stop, ProgressBar() as progress:
        from mmfeat.calibration.conformal import check_level
        from mmfeat.errors import ConfigError
        from mmfeat.stages.predicting.predict import PredictOptions
        from mmfeat.stages.predicting.predict import predict as predict_cases
        from mmfeat.stages.predicting.predicted import check_output, write_predicted
        from mmfeat.stages.predicting.run_model import RunModel
        from mmfeat.stages.predicting.run_settings import with_cache, with_overrides, with_weights

        try:
            check_level(level)
        except ValueError as error:
            raise ConfigError(f"--level {level:g}: {error}") from error
        if output is not None:
            check_output(output, overwrite=overwrite)
        model = RunModel.open(run, method=method)
        project = with_overrides(model.project, overrides or [])
        project = with_weights(project, _single(_named_files(weights, "--weights"), "--weights"))
        if cache is not None or model.is_exported:
            project = with_cache(project, cache or Path("cache"))
        cases = _read_cases(
            project,
            manifest=manifest,
            scans=_scans(project, scan, ct),
            record=record,
            files=_single(_named_files(file, "--file"), "--file"),
            allow_overlap=allow_overlap,
        )
        predicted = predict_cases(
            model,
            cases,
            options=PredictOptions(
                level=level,
                allow_overlap=allow_overlap,
                retry_failed=retry_failed,
                trust_code=trust_code,
            ),
            progress=progress,
            should_stop=should_stop,
        )
        if output is not None:
            write_predicted(predicted, output)
    if as_json:
        print_json(predicted.to_json())
    else:
        from .predict_screen import show_predicted

        show_predicted(predicted, output)
    for note in predicted.notes:
        messages.print(f"note: {note}", soft_wrap=True)
    raise typer.Exit(exit_codes.SOME_FAILED if predicted.has_failures else exit_codes.DONE)


def _read_cases(
    project: "Project",
    *,
    manifest: Path | None,
    scans: dict[str, list[Path]],
    record: Path | None,
    files: dict[str, Path],
    allow_overlap: bool,
) -> "NewCases":
    from mmfeat.errors import ConfigError
    from mmfeat.stages.predicting.new_cases import read_new_cases
    from mmfeat.stages.predicting.run_settings import check_files
    from mmfeat.stages.predicting.single_case import read_single_case

    check_files(project, files)
    is_single = bool(scans) or record is not None
    if manifest is None and not is_single:
        raise ConfigError(
            "nothing to predict; give a table by --manifest, or a patient by --ct and --record"
        )
    if manifest is not None and is_single:
        raise ConfigError("--manifest names many cases, --ct, --scan and --record one; give either")
    if manifest is not None:
        return read_new_cases(project, manifest, files=files, needs_patients=not allow_overlap)
    return read_single_case(project, scans=scans, record=record, files=files)


def _scans(project: "Project", scan: list[str] | None, ct: Path | None) -> dict[str, list[Path]]:
    """Return the scans of a single patient by modality."""
    from mmfeat.config.modalities import VolumeModality
    from mmfeat.errors import ConfigError

    scans = _named_files(scan, "--scan")
    if ct is None:
        return scans
    modalities = project.settings.modalities.items()
    volumes = [name for name, one in modalities if isinstance(one, VolumeModality)]
    if len(volumes) != 1:
        raise ConfigError(
            f"--ct {ct}: the run has {len(volumes)} modalities of scans"
            + (f" ({', '.join(volumes)}); give each by --scan NAME=FILE" if volumes else "")
        )
    scans.setdefault(volumes[0], []).append(ct)
    return scans


def _named_files(given: list[str] | None, option: str) -> dict[str, list[Path]]:
    """Return files by name, each given as NAME=FILE."""
    from mmfeat.errors import ConfigError

    found: dict[str, list[Path]] = {}
    for one in given or ():
        name, sign, path = one.partition("=")
        if not sign or not name.strip() or not path:
            raise ConfigError(f"{option} {one}: must be {_NAMED_FILE}, such as ct=scan.nii.gz")
        found.setdefault(name.strip(), []).append(Path(path).expanduser())
    return found


def _single(found: dict[str, list[Path]], option: str) -> dict[str, Path]:
    from mmfeat.errors import ConfigError

    for name, paths in found.items():
        if len(paths) > 1:
            raise ConfigError(f"{option} {name}=...: given {len(paths)} times; give it once")
    return {name: paths[0] for name, paths in found.items()}
