"""Embed every scan of the cohort that has no feature yet, and keep each one once it is finished."""

import time
from collections.abc import Callable, Collection

from mmfeat.config.loading import Project
from mmfeat.config.modalities import VolumeModality
from mmfeat.manifest.cohort import Cohort
from mmfeat.progress import Progress
from mmfeat.stages.cohort import open_cohort
from mmfeat.stages.extraction.chosen_cases import resolve_only
from mmfeat.stages.extraction.modality_work import ModalityWork
from mmfeat.stages.extraction.report import ExtractReport, ModalityReport
from mmfeat.stages.extraction.settling import Watch
from mmfeat.stages.seen_in_training import training_notes
from mmfeat.work_shard import WorkShard


def extract(
    project: Project,
    *,
    progress: Progress,
    should_stop: Callable[[], bool],
    limit: int | None = None,
    retry_failed: bool = False,
    dry_run: bool = False,
    only: Collection[str] | None = None,
    trust_code: bool = False,
    beside: Cohort | None = None,
    shard: WorkShard | None = None,
) -> ExtractReport:
    """Embed the scans of all volume modalities into their caches; go on where an earlier run ended.

    A scan that cannot be read is recorded with its reason and the work goes on. Windows of several
    cases share batches of one size, in which a feature does not depend on what else was left to
    do: a resumed cache equals an uninterrupted one, bit for bit.

    Memory: at most ``workers`` volumes, ``workers + 4`` prepared scans, 3 batches of windows,
    ``2 * shard_cases`` features with their tokens and the encoder; at the end, all features of the
    cache once, to write them as one file, and 16 MiB of tokens.

    Args:
        project: Whose cohort and settings.
        progress: Is told of each case.
        should_stop: Asked between cases and batches; once true, the work ends and finished cases
            are kept.
        limit: Look at no more than so many scans in this run.
        retry_failed: Try again what failed before, although its files have not changed.
        dry_run: Only report what there is to do, and why; no scan is opened and nothing written.
        only: Look at no other cases than these: ids, patterns, and ``@file`` as in resolve_only.
        trust_code: Whether an encoder may run code that its weights bring.
        beside: Look at these cases instead of the project's own. The caches are left as those of
            the project's: not made one file, their account and table of quality not renewed.
        shard: Do this share of the scans that are asked for, and leave the caches as ``beside``
            does: what is of all shares is ``finish``'s to make.

    Raises:
        Interrupted: A stop was asked for before everything was done.
        CohortError: The manifest is not usable, or ``only`` names a case that is not in it.
        EncoderError: An encoder cannot be made or loaded.
        CacheError: A cache folder is damaged or cannot be written.
    """
    started = time.perf_counter()
    cohort = open_cohort(project) if beside is None else beside
    asked = cohort.case_ids if only is None else resolve_only(cohort.case_ids, only)
    watch = Watch(progress, should_stop)
    is_whole = beside is None and shard is None
    n_begun = 0
    reports: list[ModalityReport] = []
    not_extracted: dict[str, str] = {}
    for name, modality in project.settings.modalities.items():
        if not isinstance(modality, VolumeModality):
            not_extracted[name] = modality.kind
            continue
        work = ModalityWork(project, name, modality, trust_code=trust_code, shard=shard)
        plan = work.plan(cohort, frozenset(asked), retry_failed=retry_failed)
        jobs = plan.jobs if limit is None else plan.jobs[: limit - n_begun]
        n_begun += len(jobs)
        if dry_run:
            work.explain(jobs, plan)
        else:
            work.do(jobs, watch)
            if is_whole:
                work.finish(cohort)
        report = work.report(plan)
        reports.append(report)
        if is_whole and not dry_run:
            work.keep_account(report)
    return ExtractReport(
        tuple(reports),
        not_extracted,
        time.perf_counter() - started,
        training_notes(project, cohort),
    )
