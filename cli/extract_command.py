"""``mmfeat extract``: embed the scans, or a share of them, or have several processes do it."""

from typing import TYPE_CHECKING, Annotated

import typer

from . import exit_codes
from .console import ProgressBar, print_json
from .extraction_launch import check_combination, launch_extraction, launched_options
from .launch_options import Finish, LaunchedBy, Shard, StateFile, StopWithStdin, read_shard
from .options import DEFAULT_CONFIG, AsJson, ConfigFile, Overrides, TrustCode
from .reported_work import reported_work
from .stage_option import Stage, stage_override
from .stopping import stop_requests

if TYPE_CHECKING:
    from mmfeat.stages.extraction.finish import FinishReport
    from mmfeat.stages.extraction.report import ExtractReport


def extract(
    config: ConfigFile = DEFAULT_CONFIG,
    overrides: Overrides = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Look at no more than N scans in this run."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CASE",
            help="Look at this case alone; repeatable. Also a pattern such as 'lung-*', or @FILE "
            "with one case a line.",
        ),
    ] = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try the scans again that failed before.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what there is to do and why; write nothing.")
    ] = False,
    stage: Stage = None,
    shard: Shard = None,
    finish: Finish = False,
    launcher: LaunchedBy = None,
    trust_code: TrustCode = False,
    as_json: AsJson = False,
    state: StateFile = None,
    stop_with_stdin: StopWithStdin = False,
) -> None:
    """Embed the scans with the frozen encoders, into the feature cache.

    Finished scans are kept, however the command ends; the same command goes on from there.

    Scans that cannot be read, or are rejected for their quality, are listed in
    failures.csv; the exit code is then 3.

    Examples: mmfeat extract mmfeat.yaml --set extract.workers=4;
    mmfeat extract --launcher local; mmfeat extract --shard 0/16
    """
    given = [*(overrides or []), *stage_override(stage)]
    asked = {"--limit": limit, "--only": only, "--retry-failed": retry_failed, "--dry-run": dry_run}
    check_combination(asked, shard=shard, finish=finish, launcher=launcher)
    if launcher is not None:
        options = launched_options(only, retry_failed=retry_failed, trust_code=trust_code)
        raise typer.Exit(
            launch_extraction(
                launcher, config, given, options=options, dry_run=dry_run, as_json=as_json
            )
        )
    share = read_shard(shard)
    report: ExtractReport | FinishReport
    with (
        stop_requests() as should_stop,
        ProgressBar() as bar,
        reported_work(state, share, progress=bar, stop_with_stdin=stop_with_stdin) as work,
    ):
        # These take seconds, in which a signal may come, too.
        from mmfeat.config.loading import load_project
        from mmfeat.stages.extraction.extract import extract as extract_features
        from mmfeat.stages.extraction.finish import finish_extraction

        project = load_project(config, given)
        if finish:
            report = finish_extraction(
                project,
                progress=work.progress,
                should_stop=should_stop,
                only=only,
                trust_code=trust_code,
            )
        else:
            report = extract_features(
                project,
                progress=work.progress,
                should_stop=should_stop,
                limit=limit,
                retry_failed=retry_failed,
                dry_run=dry_run,
                only=only,
                trust_code=trust_code,
                shard=share,
            )
        code = exit_codes.DONE if report.is_complete else exit_codes.SOME_FAILED
        work.done(code, n_failed=report.n_failed)
    if as_json:
        print_json(report.to_json())
    else:
        _show(report, with_reasons=dry_run)
    raise typer.Exit(code)


def _show(report: "ExtractReport | FinishReport", *, with_reasons: bool) -> None:
    from mmfeat.stages.extraction.finish import FinishReport

    from .extraction_reasons import show_reasons
    from .extraction_screen import show_extraction, show_finish

    if isinstance(report, FinishReport):
        show_finish(report)
        return
    show_extraction(report)
    for modality in report.modalities if with_reasons else ():
        show_reasons(modality)
