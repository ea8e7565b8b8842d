"""Embed every scan of the cohort that has no feature yet, and keep each one once it is finished."""

import time
from collections.abc import Callable, Sequence

from mmfeat.cache import CacheFolder
from mmfeat.config.loading import Project
from mmfeat.config.modalities import VolumeModality
from mmfeat.errors import Interrupted
from mmfeat.manifest.cohort import Cohort
from mmfeat.progress import Progress
from mmfeat.stages.cohort import open_cohort
from mmfeat.stages.extraction_embedding import Watch, embed_scans
from mmfeat.stages.extraction_plan import Job, Plan, make_plan
from mmfeat.stages.extraction_report import ExtractReport, ModalityReport, Tally
from mmfeat.stages.quality_table import write_quality_table
from mmfeat.stages.volume_encoder import volume_encoder


def extract(
    project: Project,
    *,
    progress: Progress,
    should_stop: Callable[[], bool],
    limit: int | None = None,
    retry_failed: bool = False,
    dry_run: bool = False,
) -> ExtractReport:
    """Embed the scans of all volume modalities into their caches; go on where an earlier run ended.

    A scan that cannot be read is recorded with its reason and the work goes on. The windows of one
    case never share a batch with another's, so that a feature does not depend on which cases were
    left to do: a resumed cache equals an uninterrupted one, bit for bit.

    Memory: at most ``workers`` volumes, ``workers + 3`` prepared scans, ``shard_cases`` features
    and the encoder; at the end, all features of the cache once, to write them as one file.

    Args:
        project: Whose cohort and settings.
        progress: Is told of each case.
        should_stop: Asked between cases and batches; once true, the work ends and finished cases
            are kept.
        limit: Look at no more than so many scans in this run.
        retry_failed: Try again what failed before, although its files have not changed.
        dry_run: Only report what there is to do; no scan is opened and nothing written.

    Raises:
        Interrupted: A stop was asked for before everything was done.
        CohortError: The manifest is not usable.
        EncoderError: An encoder cannot be made or loaded.
        CacheError: A cache folder is damaged or cannot be written.
    """
    started = time.perf_counter()
    cohort = open_cohort(project)
    watch = Watch(progress, should_stop)
    reports: list[ModalityReport] = []
    not_extracted: dict[str, str] = {}
    for name, modality in project.settings.modalities.items():
        if not isinstance(modality, VolumeModality):
            not_extracted[name] = modality.kind
            continue
        work = _Work(project, name, modality)
        plan = work.plan(cohort, retry_failed=retry_failed)
        if not dry_run:
            left = None if limit is None else limit - sum(report.n_scans for report in reports)
            work.do(plan.jobs[:left], cohort, watch)
        reports.append(work.report(plan, written=not dry_run))
    return ExtractReport(tuple(reports), not_extracted, time.perf_counter() - started)


class _Work:
    """The work on one modality: ``plan`` it, perhaps ``do`` it, ``report`` on it."""

    def __init__(self, project: Project, name: str, modality: VolumeModality) -> None:
        self._tally = Tally()
        self._name = name
        self._modality = modality
        self._settings = project.settings.extract
        with self._tally.timed("load"):
            self._made = volume_encoder(project, modality, device=self._settings.device)
        self._where = (project.path(self._settings.cache), name, self._made.identity)

    def plan(self, cohort: Cohort, *, retry_failed: bool) -> Plan:
        """Compare the cohort with the cache, if there is one; nothing is written."""
        with self._tally.timed("plan"):
            there = CacheFolder.exists(*self._where)
            folder = CacheFolder.find(*self._where) if there else None
            plan = make_plan(
                cohort.case_ids,
                cohort.sources[self._name],
                index=folder.index() if folder else {},
                failed=folder.failed_cases() if folder else {},
                gate=self._made.gate,
                retry_failed=retry_failed,
            )
        self._tally.n_done += len(plan.done)
        self._tally.failures |= plan.failed_before | plan.rejected_before
        self._tally.rejected |= set(plan.rejected_before)
        return plan

    def do(self, jobs: Sequence[Job], cohort: Cohort, watch: Watch) -> None:
        """Embed scans, then write the whole cache as one file, and the table of their quality."""
        folder = CacheFolder.open(*self._where)
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
        with self._tally.timed("write"):
            folder.compact()
            self._write_quality(folder, cohort)

    def _write_quality(self, folder: CacheFolder, cohort: Cohort) -> None:
        sources = zip(cohort.case_ids, cohort.sources[self._name], strict=True)
        scans = {case_id: path for case_id, path in sources if path is not None}
        gate = self._made.gate
        rows = gate.rows(self._name, scans, folder.index(), folder.failed_cases())
        write_quality_table(
            folder.path / "quality.parquet", list(rows), {self._name: gate.thresholds}
        )

    def report(self, plan: Plan, *, written: bool) -> ModalityReport:
        """Account for every case; keep the account beside the features."""
        report = self._tally.report(
            modality=self._name,
            encoder=self._made.encoder.name,
            cache=CacheFolder.location(*self._where),
            plan=plan,
        )
        if written:
            CacheFolder.find(*self._where).record_run(report.to_json())
        return report
