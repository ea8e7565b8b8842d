"""Embed every scan of the cohort that has no feature yet, and keep each one once it is finished."""

import time
from collections.abc import Callable, Collection, Sequence

from mmfeat.cache import CacheFolder, Failure, ScanKey, StoredRow
from mmfeat.config.loading import Project
from mmfeat.config.modalities import VolumeModality
from mmfeat.errors import Interrupted
from mmfeat.manifest.cohort import Cohort
from mmfeat.progress import Progress
from mmfeat.stages.cohort import open_cohort
from mmfeat.stages.extraction.chosen_cases import resolve_only
from mmfeat.stages.extraction.embedding import embed_scans
from mmfeat.stages.extraction.other_features import other_features
from mmfeat.stages.extraction.plan import Job, Plan, forgotten_scans, make_plan
from mmfeat.stages.extraction.report import ExtractReport, ModalityReport, Tally
from mmfeat.stages.extraction.settling import Watch
from mmfeat.stages.extraction.staleness import Reason, explain
from mmfeat.stages.quality_rows import quality_rows
from mmfeat.stages.quality_table import write_quality_table
from mmfeat.stages.seen_in_training import training_notes
from mmfeat.stages.volume_encoder import volume_encoder


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
    n_begun = 0
    reports: list[ModalityReport] = []
    not_extracted: dict[str, str] = {}
    for name, modality in project.settings.modalities.items():
        if not isinstance(modality, VolumeModality):
            not_extracted[name] = modality.kind
            continue
        work = _Work(project, name, modality, trust_code=trust_code, is_own=beside is None)
        plan = work.plan(cohort, frozenset(asked), retry_failed=retry_failed)
        jobs = plan.jobs if limit is None else plan.jobs[: limit - n_begun]
        n_begun += len(jobs)
        if dry_run:
            work.explain(jobs, plan)
        else:
            work.do(jobs, cohort, watch)
        reports.append(work.report(plan))
    return ExtractReport(
        tuple(reports),
        not_extracted,
        time.perf_counter() - started,
        training_notes(project, cohort),
    )


class _Work:
    """The work on one modality: ``plan`` it, perhaps ``do`` it, ``report`` on it."""

    def __init__(
        self,
        project: Project,
        name: str,
        modality: VolumeModality,
        *,
        trust_code: bool,
        is_own: bool,
    ) -> None:
        self._is_own = is_own
        self._tally = Tally()
        self._name = name
        self._modality = modality
        self._settings = project.settings.extract
        with self._tally.phase("load"):
            self._made = volume_encoder(
                project,
                modality,
                device=self._settings.device,
                prepare_on=self._settings.prepare_on,
                trust_code=trust_code,
            )
        self._where = (project.path(self._settings.cache), name, self._made.identity)
        self._folder: CacheFolder | None = None
        self._index: dict[str, list[StoredRow]] = {}
        self._failed: dict[ScanKey, Failure] = {}
        self._reasons: tuple[Reason, ...] = ()

    def plan(self, cohort: Cohort, asked: frozenset[str], *, retry_failed: bool) -> Plan:
        """Compare the cohort with the cache, if there is one; nothing is written."""
        sources = zip(cohort.case_ids, cohort.sources[self._name], strict=True)
        wanted = {case_id: source for case_id, source in sources if case_id in asked}
        with self._tally.phase("plan"):
            there = CacheFolder.exists(*self._where)
            folder = CacheFolder.find(*self._where) if there else None
            if folder is not None:
                self._index, self._failed = folder.index(), folder.failed_scans()
            plan = make_plan(
                list(wanted),
                list(wanted.values()),
                index=self._index,
                failed=self._failed,
                gate=self._made.gate,
                retry_failed=retry_failed,
            )
        self._tally.begin(plan)
        self._tally.n_not_asked = len(cohort) - len(wanted)
        return plan

    def explain(self, jobs: Sequence[Job], plan: Plan) -> None:
        """Find out why scans would be looked at."""
        self._reasons = explain(
            jobs,
            plan,
            index=self._index,
            failed=self._failed,
            others=other_features(*self._where),
        )

    def do(self, jobs: Sequence[Job], cohort: Cohort, watch: Watch) -> None:
        """Embed scans; then write the cache of the project's own cohort as one file, and more."""
        folder = self._folder = CacheFolder.open(*self._where)
        if jobs:
            watch.progress.start(
                f"{self._name}: {self._made.encoder.name}", sum(len(job.known) for job in jobs)
            )
            embed_scans(
                jobs,
                self._made,
                folder,
                settings=self._settings,
                watch=watch,
                tally=self._tally,
            )
        if self._tally.n_scans < len(jobs):
            raise Interrupted(
                f"{self._name}: {self._tally.n_scans} of {len(jobs)} scans were finished in this "
                f"run and are safe in {folder.path}; run the same command again to go on"
            )
        if not self._is_own:
            return
        with self._tally.phase("finish"):
            folder.compact()
            gone = forgotten_scans(
                folder.failed_scans(), cohort.case_ids, cohort.sources[self._name]
            )
            folder.record_failures([], gone)
            self._write_quality(folder, cohort)

    def _write_quality(self, folder: CacheFolder, cohort: Cohort) -> None:
        sources = zip(cohort.case_ids, cohort.sources[self._name], strict=True)
        scans = [(case_id, [scan.source for scan in scans]) for case_id, scans in sources]
        gate = self._made.gate
        rows = quality_rows(
            self._name, scans, gate, index=folder.index(), failed=folder.failed_scans()
        )
        with folder.writing():
            write_quality_table(
                folder.path / "quality.parquet", list(rows), {self._name: gate.thresholds}
            )

    def report(self, plan: Plan) -> ModalityReport:
        """Account for every case; if something was done, keep the account beside the features."""
        tokens = self._made.tokens
        report = self._tally.report(
            modality=self._name,
            encoder=self._made.encoder.name,
            cache=CacheFolder.location(*self._where),
            plan=plan,
            reasons=self._reasons,
            max_tokens=None if tokens is None else tokens.max_tokens,
            row_bytes=self._made.row_bytes(),
        )
        if self._folder is not None and self._is_own:
            self._folder.record_run(report.to_json())
        return report
