"""Examine a project in the order of a run: settings, device, weights, cohort, scans, folders."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from mmfeat.cache.mirror import path_of
from mmfeat.config.loading import Project, load_project
from mmfeat.config.modalities import VolumeModality
from mmfeat.core_budget import allotted_cores
from mmfeat.errors import ConfigError
from mmfeat.progress import Progress
from mmfeat.stages.cache_place import cache_root
from mmfeat.stages.doctor.cohort import CohortCheck
from mmfeat.stages.doctor.collections import collection_findings
from mmfeat.stages.doctor.disk import disk_findings, look_at_place
from mmfeat.stages.doctor.finding import Finding, examined, problem_from
from mmfeat.stages.doctor.modality import ModalityCheck, ModalityExam, Wanted
from mmfeat.stages.doctor.space import cache_space, cache_space_finding, run_space_finding
from mmfeat.stages.doctor.torch import device_findings
from mmfeat.stages.doctor.weights import EncoderCheck


class ProjectCheck:
    """Examine one project; ``exams`` holds what was found out about each volume modality.

    Args:
        config: The settings file.
        overrides: Settings that take the place of the file's.
        wanted: How much is to be tried.
        progress: Is told how far it is.
    """

    def __init__(
        self, config: Path, overrides: Sequence[str], *, wanted: Wanted, progress: Progress
    ) -> None:
        self.exams: dict[str, ModalityExam] = {}
        self._config = config
        self._overrides = overrides
        self._wanted = wanted
        self._progress = progress

    def findings(self) -> list[Finding]:
        """Return all findings; where one thing is wrong, what does not depend on it goes on."""
        loaded: list[Project] = []
        found = examined("settings", partial(self._load, loaded))
        for project in loaded:
            found += self._of_project(project)
        return found

    def _load(self, loaded: list[Project]) -> Iterator[Finding]:
        try:
            project = load_project(self._config, self._overrides)
        except ConfigError as error:
            fix = "correct them; `mmfeat config schema` lists all that can be set"
            yield problem_from("settings", error, fix)
            return
        loaded.append(project)
        yield Finding("settings", "ok", str(project.file))
        workers, cores = project.settings.extract.workers, allotted_cores()
        if workers != "auto" and workers > cores:
            message = f"extract.workers is {workers}, and {cores} cores are allotted"
            fix = "set it to `auto`, or ask for more cores"
            yield Finding("settings", "warning", message, fix)

    def _of_project(self, project: Project) -> list[Finding]:
        extract, train = project.settings.extract, project.settings.train
        on_device = examined(
            "extract.device", lambda: device_findings(extract.device, "extract.device")
        )
        found = [*on_device]
        if train.device != extract.device:
            found += examined("train.device", lambda: device_findings(train.device, "train.device"))
        usable = all(finding.level == "ok" for finding in on_device)
        volumes = {
            name: modality
            for name, modality in project.settings.modalities.items()
            if isinstance(modality, VolumeModality)
        }
        encoders = {
            name: EncoderCheck(
                project,
                name,
                modality=modality,
                device=extract.device if usable else "cpu",
                prepare_on=extract.prepare_on if usable else "cpu",
                trust_code=self._wanted.trust_code,
            )
            for name, modality in volumes.items()
        }
        for name, encoder in encoders.items():
            found += examined(f"{name} weights", encoder.findings)
        found += self._of_cohort(project, encoders, usable=usable)
        return [*found, *self._of_folders(project)]

    def _of_cohort(
        self, project: Project, encoders: dict[str, EncoderCheck], *, usable: bool
    ) -> list[Finding]:
        opened = CohortCheck(project)
        found = examined("manifest", opened.findings)
        if opened.cohort is not None:
            of_cohort = partial(collection_findings, project, opened.cohort)
            found += examined("collections", of_cohort)
        wanted = self._wanted if usable else Wanted(self._wanted.sample, volume=False)
        for name, encoder in encoders.items():
            if opened.cohort is None or encoder.made is None:
                continue
            check = ModalityCheck(
                project, name, encoder=encoder, wanted=wanted, progress=self._progress
            )
            found += examined(f"{name} scans", partial(check.findings, encoder.made, opened.cohort))
            if check.exam is not None:
                self.exams[name] = check.exam
        return found

    def _of_folders(self, project: Project) -> list[Finding]:
        cache = path_of(cache_root(project))
        run = project.path(project.settings.train.run)
        found = examined("extract.cache", lambda: disk_findings("extract.cache", cache))
        needed = [
            cache_space(
                exam.scans.n_rows_to_do,
                len(exam.scans.done),
                row_bytes=exam.row_bytes,
                shard_cases=project.settings.extract.shard_cases,
            )
            for exam in self.exams.values()
        ]
        if needed:
            found += examined(
                "cache space", lambda: [cache_space_finding(look_at_place(cache), needed)]
            )
        found += examined("train.run", lambda: disk_findings("train.run", run))
        return found + examined("run space", lambda: [run_space_finding(look_at_place(run))])
