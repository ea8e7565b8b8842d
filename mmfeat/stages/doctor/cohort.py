"""Examine the manifest, the splits and the targets, and count the scans that are left to do."""

from collections.abc import Iterator
from dataclasses import dataclass

from mmfeat.config.loading import Project
from mmfeat.config.modalities import FeaturesModality
from mmfeat.config.record_variants import record_variants
from mmfeat.errors import CohortError, MmfeatError
from mmfeat.fusion import check_modalities
from mmfeat.manifest.cohort import Cohort, ScanSource
from mmfeat.stages.cache_place import cache_root
from mmfeat.stages.cohort import open_cohort, open_folds
from mmfeat.stages.cohort_summary import summarise_cohort
from mmfeat.stages.doctor.finding import Finding, problem_from
from mmfeat.stages.extraction.plan import plan_cohort
from mmfeat.stages.record_encoders import check_record_encoders
from mmfeat.stages.training.plan import plan_training
from mmfeat.stages.volume_encoder import VolumeEncoder

_SHOWN_FAULTS = 3


class CohortCheck:
    """Open the cohort of a project; ``cohort`` is there once that has gone well."""

    def __init__(self, project: Project) -> None:
        self.cohort: Cohort | None = None
        self._project = project

    def findings(self) -> Iterator[Finding]:
        """Say what is in the manifest, or what is wrong with it."""
        try:
            cohort = open_cohort(self._project)
        except CohortError as error:
            yield _faults(error, self._project)
            return
        self.cohort = cohort
        patients = len(set(cohort.patient_ids))
        yield Finding("manifest", "ok", f"{len(cohort)} cases of {patients} patients, no faults")
        yield self._training(cohort)

    def _training(self, cohort: Cohort) -> Finding:
        """Say whether what is to be trained fits the cohort."""
        try:
            folds = open_folds(self._project, cohort, save=False)
            settings = self._project.settings
            check_record_encoders(self._project)
            variants = record_variants(settings.modalities)
            check_modalities(settings.train.methods, settings.modalities)
            plan = plan_training(settings.train, cohort, len(folds), variants)
            summary = summarise_cohort(self._project, cohort, folds)
        except MmfeatError as error:
            return problem_from("training", error)
        for name, modality in self._project.settings.modalities.items():
            if isinstance(modality, FeaturesModality) and not summary.modalities[name]:
                message = f"{modality.file}: none of its ids is a {modality.key} of the manifest"
                fix = f"correct the file or `modalities.{name}.key`"
                return Finding("training", "problem", message, fix)
        notes = "".join(f"; {note}" for note in plan.notes)
        shapes = f"{len(folds)} folds, {plan.n_heads} heads for {', '.join(plan.targets)}"
        return Finding("training", "ok", f"{shapes}{notes}")


@dataclass(frozen=True)
class ScansToDo:
    """Count the scans of one modality by what an extraction would do with them."""

    to_do: tuple[ScanSource, ...]
    """Files without a feature, in the order of the manifest."""
    n_rows_to_do: int
    """Features that are to be stored; cases that share a scan have one each."""
    done: tuple[ScanSource, ...]
    """Files with a feature."""
    n_failed: int
    """Scans that failed or were rejected before, and have not changed."""

    @property
    def worth_trying(self) -> tuple[ScanSource, ...]:
        """Files to take a sample of: those to do, or the others where all is done."""
        return self.to_do or self.done


def scans_to_do(project: Project, name: str, made: VolumeEncoder, cohort: Cohort) -> ScansToDo:
    """Compare the cohort with the cache of a modality, if there is one.

    Raises:
        CacheError: The cache is damaged.
    """
    where = (cache_root(project), name, made.identity)
    _, plan = plan_cohort(cohort, where, made.gate)
    return ScansToDo(
        to_do=tuple(job.source for job in plan.jobs),
        n_rows_to_do=sum(len(job.known) for job in plan.jobs),
        done=tuple(dict.fromkeys(source for _, source in plan.done)),
        n_failed=len(plan.failed_before) + len(plan.rejected_before),
    )


def to_do_finding(name: str, scans: ScansToDo) -> Finding:
    """Say what is left to do, and what will not be tried again."""
    check = f"{name} cache"
    message = f"{len(scans.to_do)} scans to do, {len(scans.done)} done"
    if not scans.n_failed:
        return Finding(check, "ok", message)
    fix = "see them with `mmfeat status`; `mmfeat extract --retry-failed` tries them again"
    lost = f"{message}, {scans.n_failed} failed or were rejected before"
    return Finding(check, "warning", lost, fix)


def _faults(error: CohortError, project: Project) -> Finding:
    """Turn the faults of the table into one problem that shows the first ones."""
    fix = f"correct the table; `mmfeat config check {project.file.name} --json` lists all faults"
    if len(error.faults) <= 1:
        return problem_from("manifest", error, fix)
    manifest = project.path(project.settings.cohort.manifest)
    lines = [f"{manifest}: {len(error.faults)} faults", *map(str, error.faults[:_SHOWN_FAULTS])]
    more = len(error.faults) - _SHOWN_FAULTS
    message = "\n".join([*lines, f"and {more} more"] if more > 0 else lines)
    return Finding("manifest", "problem", message, fix)
