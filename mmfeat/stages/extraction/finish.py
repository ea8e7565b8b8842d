"""What comes after all shards of an extraction: one file, its tables and account, and a check."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from mmfeat.config.loading import Project
from mmfeat.config.modalities import VolumeModality
from mmfeat.errors import Interrupted
from mmfeat.progress import Progress
from mmfeat.stages.cohort import open_cohort
from mmfeat.stages.extraction.chosen_cases import resolve_only
from mmfeat.stages.extraction.modality_work import ModalityWork
from mmfeat.stages.extraction.plan import Plan
from mmfeat.stages.extraction.report import ExtractReport, ModalityReport
from mmfeat.stages.seen_in_training import training_notes


@dataclass(frozen=True)
class FinishReport:
    """Account for every case after all shards, and say what is not as it should be."""

    extraction: ExtractReport
    missing: dict[str, tuple[tuple[str, str], ...]]
    """For each modality, case and path of the scans that nobody has looked at as they are now."""
    problems: dict[str, tuple[str, ...]]
    """For each modality, what is wrong with the files of its cache, in words."""

    @property
    def n_failed(self) -> int:
        """Cases that cannot be embedded, over all modalities."""
        return self.extraction.n_failed

    @property
    def is_complete(self) -> bool:
        """Whether every scan was embedded, and can be read."""
        troubles = [*self.missing.values(), *self.problems.values()]
        return not self.n_failed and not any(troubles)

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        return {
            **self.extraction.to_json(),
            "missing": {
                name: [{"case_id": case_id, "path": path} for case_id, path in scans]
                for name, scans in self.missing.items()
            },
            "problems": {name: list(problems) for name, problems in self.problems.items()},
        }


def finish_extraction(
    project: Project,
    *,
    progress: Progress,
    should_stop: Callable[[], bool],
    only: Collection[str] | None = None,
    trust_code: bool = False,
) -> FinishReport:
    """Do what a whole extraction does after the last scan, and verify; nothing is embedded.

    Shards may still be at work: what they store later is in files of its own.

    Memory: the features of one cache, and 16 MiB of its tokens.

    Args:
        project: Whose cohort and settings.
        progress: Is told of each modality.
        should_stop: Asked between modalities.
        only: Account for no other cases than these, as ``extract``; the caches are still put
            together for all.
        trust_code: Whether an encoder may run code that its weights bring.

    Raises:
        Interrupted: A stop was asked for.
        CohortError: The manifest is not usable, or ``only`` names a case that is not in it.
        EncoderError: An encoder cannot be made.
        CacheError: A cache folder is damaged or cannot be written.
    """
    started = time.perf_counter()
    cohort = open_cohort(project)
    asked = frozenset(cohort.case_ids if only is None else resolve_only(cohort.case_ids, only))
    volumes = {
        name: modality
        for name, modality in project.settings.modalities.items()
        if isinstance(modality, VolumeModality)
    }
    reports: list[ModalityReport] = []
    missing: dict[str, tuple[tuple[str, str], ...]] = {}
    problems: dict[str, tuple[str, ...]] = {}
    progress.start("putting together", len(volumes))
    for name, modality in volumes.items():
        if should_stop():
            raise Interrupted("run the same command again to go on")
        work = ModalityWork(project, name, modality, trust_code=trust_code)
        plan = work.plan(cohort, asked, retry_failed=False)
        missing[name] = _scans_to_do(plan)
        if work.has_cache():
            work.finish(cohort)
            problems[name] = work.verify()
        report = work.report(plan)
        if work.has_cache():
            work.keep_account(report)
        reports.append(report)
        progress.advance(note=name)
    extraction = ExtractReport(
        tuple(reports),
        {n: one.kind for n, one in project.settings.modalities.items() if n not in volumes},
        time.perf_counter() - started,
        training_notes(project, cohort),
    )
    return FinishReport(extraction, missing, problems)


def _scans_to_do(plan: Plan) -> tuple[tuple[str, str], ...]:
    return tuple((case_id, str(job.source)) for job in plan.jobs for case_id in job.known)
