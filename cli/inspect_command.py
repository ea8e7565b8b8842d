"""``mmfeat inspect``: what a scan, or every scan of a cohort, is worth before it is embedded."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from . import exit_codes
from .console import ProgressBar, print_json
from .inspect_options import (
    Column,
    Config,
    EncoderName,
    GivenOptions,
    Manifest,
    Mask,
    Modality,
    Output,
    Overwrite,
    Point,
    PointSpace,
    Scan,
    Space,
    Weights,
)
from .inspect_point import asked_region
from .options import AsJson, RecipeFile, TrustCode, option_values
from .stopping import stop_requests

if TYPE_CHECKING:
    from mmfeat.stages.inspection.cohort import InspectedCohort
    from mmfeat.stages.inspection.scan import InspectedScan
    from mmfeat.stages.inspection.setup import InspectSetup

_ENDINGS = (".gz", ".nii", ".nrrd", ".nhdr", ".mha", ".mhd", ".hdr", ".img", ".zip", ".dcm")
_SETTINGS = (".yaml", ".yml")
_TABLES = (".csv", ".tsv", ".tab", ".txt", ".parquet", ".xlsx", ".xlsm")


def inspect(
    path: Scan = None,
    manifest: Manifest = None,
    column: Column = None,
    config: Config = None,
    modality: Modality = None,
    encoder: EncoderName = None,
    weights: Weights = None,
    options: GivenOptions = None,
    recipe_file: RecipeFile = None,
    trust_code: TrustCode = False,
    point: Point = None,
    space: Space = PointSpace.LPS_MM,
    mask: Mask = None,
    output: Output = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Show the quality verdict on one scan, with pictures, or on all scans of a cohort.

    The exit code is 3 when a scan is rejected, or one of a cohort cannot be read.

    Example: mmfeat inspect scan.nii.gz --encoder slices-lite0

    Example: mmfeat inspect --manifest mmfeat.yaml
    """
    for_encoder = {"--weights": weights, "--option": options, "--recipe-file": recipe_file}
    if encoder is None:
        _refuse("needs --encoder", for_encoder)
    if manifest is None:
        _refuse("needs --manifest", {"--column": column})
        scan = _required_scan(path)
        setup = _setup(config, modality, with_encoder=encoder is None, trust_code=trust_code)
        setup = replace(setup, region=asked_region(point, space, mask))
        given = {"weights": weights, "recipe_file": recipe_file, "trust_code": trust_code}
        found = _inspect_one(
            scan,
            _with_encoder(setup, encoder, options or [], given),
            output,
            overwrite=overwrite,
        )
        _show(found, as_json=as_json)
    else:
        for_one = {"PATH": path, "--encoder": encoder, "--overwrite": overwrite, **for_encoder}
        for_one |= {"--point": point, "--mask": mask}
        _refuse("is for one scan, without --manifest", for_one)
        _show(_inspect_all(manifest, column, config, modality, output), as_json=as_json)


def _refuse(why: str, given: Mapping[str, object]) -> None:
    from mmfeat.errors import ConfigError

    for name, value in given.items():
        if value:
            raise ConfigError(f"{name} {why}")


def _required_scan(path: Path | None) -> Path:
    from mmfeat.errors import ConfigError

    if path is None:
        raise ConfigError("nothing to inspect; name a scan, or give --manifest mmfeat.yaml")
    if path.suffix.lower() in _SETTINGS + _TABLES and path.is_file():
        raise ConfigError(f"{path}: is no scan; for the scans of a cohort: --manifest {path}")
    return path


def _setup(
    config: Path | None, modality: str | None, *, with_encoder: bool, trust_code: bool = False
) -> "InspectSetup":
    from mmfeat.config.loading import load_project
    from mmfeat.stages.inspection.setup import InspectSetup, setup_of_project

    if config is None:
        _refuse("needs --config", {"--modality": modality})
        return InspectSetup()
    return setup_of_project(
        load_project(config), modality, with_encoder=with_encoder, trust_code=trust_code
    )


def _with_encoder(
    setup: "InspectSetup", name: str | None, options: list[str], given: Mapping[str, Any]
) -> "InspectSetup":
    from mmfeat import encoders
    from mmfeat.encoders.preparer import preparer

    if name is None:
        return setup
    values = option_values(options)
    nothing_given = given["weights"] is None and given["recipe_file"] is None
    seeing = preparer(name, values) if nothing_given else None  # which needs no weights
    return replace(
        setup, encoder=seeing or encoders.create(name, device="cpu", options=values, **given)
    )


def _inspect_one(
    path: Path, setup: "InspectSetup", output: Path | None, *, overwrite: bool
) -> "InspectedScan":
    from mmfeat.stages.inspection.scan import inspect_scan

    name = path.absolute().name
    for ending in _ENDINGS:
        name = name.removesuffix(ending)
    return inspect_scan(path, setup, output or Path(f"{name}.inspect.png"), overwrite=overwrite)


def _inspect_all(
    manifest: Path,
    column: str | None,
    config: Path | None,
    modality: str | None,
    output: Path | None,
) -> "InspectedCohort":
    from mmfeat.config.loading import load_project
    from mmfeat.errors import ConfigError
    from mmfeat.stages.inspection.reports import inspect_cohort
    from mmfeat.stages.inspection.sources import project_scans, table_scans

    if manifest.suffix.lower() in _TABLES:
        if column is None:
            raise ConfigError(f"{manifest}: is a table; say which --column holds the scans")
        scans = table_scans(manifest, column, _setup(config, modality, with_encoder=False))
    else:
        _refuse("is for a table; settings name their own", {"--column": column, "--config": config})
        scans = project_scans(load_project(manifest), modality)
    with stop_requests() as should_stop, ProgressBar() as progress:
        return inspect_cohort(
            scans,
            output or manifest.parent / "inspect",
            title=manifest.name,
            progress=progress,
            should_stop=should_stop,
        )


def _show(found: "InspectedScan | InspectedCohort", *, as_json: bool) -> None:
    from mmfeat.stages.inspection.scan import InspectedScan

    from .inspect_screen import show_cohort, show_scan

    if as_json:
        print_json(found.to_json())
    elif isinstance(found, InspectedScan):
        show_scan(found)
    else:
        show_cohort(found)
    raise typer.Exit(exit_codes.SOME_FAILED if found.n_failed else exit_codes.DONE)
