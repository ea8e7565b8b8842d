"""The work of extraction on one modality, from the comparison with the cache to the account."""

from collections.abc import Sequence
from functools import cache

from mmfeat.cache import CacheFolder, Failure, ScanKey, StoredRow, remove_dead_marks
from mmfeat.config.loading import Project
from mmfeat.config.modalities import VolumeModality
from mmfeat.errors import Interrupted
from mmfeat.manifest.cohort import Cohort
from mmfeat.remote_path import AnyPath
from mmfeat.stages.cache_place import cache_root
from mmfeat.stages.extraction.embedding import embed_scans
from mmfeat.stages.extraction.other_features import other_features
from mmfeat.stages.extraction.plan import Job, Plan, forgotten_scans, make_plan
from mmfeat.stages.extraction.report import ModalityReport, Tally
from mmfeat.stages.extraction.settling import Watch
from mmfeat.stages.extraction.sharding import plan_of_shard, scans_of_shard
from mmfeat.stages.extraction.staging import with_stage_folder
from mmfeat.stages.extraction.staleness import Reason, explain
from mmfeat.stages.quality_rows import quality_rows
from mmfeat.stages.quality_table import write_quality_table
from mmfeat.stages.scan_content import current_stat
from mmfeat.stages.volume_encoder import volume_encoder
from mmfeat.work_shard import WorkShard


class ModalityWork:
    """The work on one modality: ``plan`` it, perhaps ``do`` and ``finish`` it, ``report`` on it."""

    def __init__(
        self,
        project: Project,
        name: str,
        modality: VolumeModality,
        *,
        trust_code: bool,
        shard: WorkShard | None = None,
    ) -> None:
        self._tally = Tally()
        self._project = project
        self._name = name
        self._shard = shard
        self._settings = with_stage_folder(project)
        with self._tally.phase("load"):
            self._made = volume_encoder(
                project,
                modality,
                device=self._settings.device,
                prepare_on=self._settings.prepare_on,
                trust_code=trust_code,
            )
        self._where = (cache_root(project), name, self._made.identity)
        self._folder: CacheFolder | None = None
        self._index: dict[str, list[StoredRow]] = {}
        self._failed: dict[ScanKey, Failure] = {}
        self._reasons: tuple[Reason, ...] = ()

    def plan(self, cohort: Cohort, asked: frozenset[str], *, retry_failed: bool) -> Plan:
        """Compare the cohort with the cache, if there is one; nothing is written."""
        sources = zip(cohort.case_ids, cohort.sources[self._name], strict=True)
        wanted = {case_id: source for case_id, source in sources if case_id in asked}
        stat_of = cache(current_stat)
        ours: frozenset[AnyPath] | None = None
        with self._tally.phase("plan"):
            if self._shard is not None:
                ours = scans_of_shard(
                    self._shard, wanted.values(), folder=self._project.folder, stat_of=stat_of
                )
                wanted = {
                    case_id: scans
                    for case_id, scans in wanted.items()
                    if any(scan.path in ours for scan in scans)
                }
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
                stat_of=stat_of,
            )
            if ours is not None:
                plan = plan_of_shard(plan, ours)
        self._tally.begin(plan)
        self._tally.n_not_asked = 0 if self._shard else len(cohort) - len(wanted)
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

    def do(self, jobs: Sequence[Job], watch: Watch) -> None:
        """Embed scans.

        Raises:
            Interrupted: A stop was asked for before all were.
        """
        folder = self._open()
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
                shard=self._shard,
            )
        else:  # where there is work, its own mark takes away those of the dead
            remove_dead_marks(folder.path)
        if self._tally.n_scans < len(jobs):
            raise Interrupted(
                f"{self._name}: {self._tally.n_scans} of {len(jobs)} scans were finished in this "
                f"run and are safe in {folder.path}; run the same command again to go on"
            )

    def finish(self, cohort: Cohort) -> None:
        """Write the cache as one file and its table of quality, and forget scans that are gone."""
        folder = self._open()
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
        folder.send("quality.parquet")

    def has_cache(self) -> bool:
        """Say whether there is a cache, with features or without."""
        return CacheFolder.exists(*self._where)

    def verify(self) -> tuple[str, ...]:
        """Read everything that is in the cache; return what is wrong, in words."""
        with self._tally.phase("finish"):
            return tuple(self._open().verify())

    def report(self, plan: Plan) -> ModalityReport:
        """Account for every case."""
        tokens = self._made.tokens
        return self._tally.report(
            modality=self._name,
            encoder=self._made.encoder.name,
            cache=CacheFolder.location(*self._where),
            plan=plan,
            reasons=self._reasons,
            max_tokens=None if tokens is None else tokens.max_tokens,
            row_bytes=self._made.row_bytes(),
        )

    def keep_account(self, report: ModalityReport) -> None:
        """Keep the account beside the features."""
        self._open().record_run(report.to_json())

    def _open(self) -> CacheFolder:
        """Return the cache to write to; it is made where there is none."""
        if self._folder is None:
            self._folder = CacheFolder.open(*self._where)
        return self._folder
