"""Where extraction stands: the state of every case, from the cache and the names of the files."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from mmfeat.cache import (
    LAST_RUN_NAME,
    TOKENS_FIELD,
    CacheFolder,
    Running,
    find_cache_folders,
    running_marks,
    stored_cases,
)
from mmfeat.config.loading import Project
from mmfeat.config.modalities import VolumeModality
from mmfeat.errors import CacheError
from mmfeat.manifest.cohort import Cohort
from mmfeat.stages.cache_place import cache_root
from mmfeat.stages.cohort import open_cohort
from mmfeat.stages.extraction.other_features import OtherFeatures, other_features
from mmfeat.stages.extraction.plan import Plan, plan_cohort
from mmfeat.stages.extraction.reason_groups import ReasonGroup, group_reasons
from mmfeat.stages.volume_encoder import volume_encoder

State = Literal["done", "running", "pending", "failed", "rejected", "absent"]
STATES: tuple[State, ...] = get_args(State)


@dataclass(frozen=True)
class ModalityStatus:
    """Say where one modality stands, or one cache folder."""

    name: str
    """The modality; of a cache folder alone, also its fingerprint."""
    encoder: str
    cache: Path
    """The cache folder; before the first extraction it is not there."""
    cases: dict[State, tuple[str, ...]]
    """By state; a case with several scans is there once for each. A cache folder alone does not
    know who is pending or absent, and these states are missing."""
    reasons: tuple[ReasonGroup, ...] = ()
    """Why cases failed or were rejected."""
    running: tuple[Running, ...] = ()
    last_run: dict[str, Any] | None = None
    """The account of the last extraction that was not stopped, without its failures."""
    others: tuple[OtherFeatures, ...] = ()
    max_tokens: int | None = None
    """Most tokens that are kept of a scan; None where only its vector is."""

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values: how many cases, and which reasons."""
        return {
            "name": self.name,
            "encoder": self.encoder,
            "max_tokens": self.max_tokens,
            "cache": str(self.cache),
            "cases": {state: len(cases) for state, cases in self.cases.items()},
            "reasons": [group.to_json() for group in self.reasons],
            "running": [asdict(one) for one in self.running],
            "last_run": self.last_run,
            "others": [other.to_json() for other in self.others],
        }


@dataclass(frozen=True)
class StatusReport:
    """Say where all volume modalities stand."""

    modalities: tuple[ModalityStatus, ...]

    def cases(self, state: State) -> list[str]:
        """Return the cases that are in a state in any modality, each once.

        Raises:
            CacheError: The report is of a cache alone, which does not know the state.
        """
        if any(state not in one.cases for one in self.modalities):
            raise CacheError(
                f"{self.modalities[0].cache}: a cache alone does not tell which cases are {state}; "
                "give the settings file"
            )
        found = (case_id for one in self.modalities for case_id in one.cases[state])
        return list(dict.fromkeys(found))

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"modalities": [one.to_json() for one in self.modalities]}


def status(project: Project) -> StatusReport:
    """Compare the cohort with its caches; no scan is opened, nothing is written.

    Raises:
        CohortError: The manifest is not usable.
        EncoderError: An encoder cannot be made, for example because its weights are not there.
        CacheError: A cache folder is damaged.
    """
    cohort = open_cohort(project)
    return StatusReport(
        tuple(
            _of_modality(project, cohort, name, modality)
            for name, modality in project.settings.modalities.items()
            if isinstance(modality, VolumeModality)
        )
    )


def cache_status(path: Path) -> StatusReport:
    """Say what is in a cache, or in one folder of it, without settings and cohort.

    Raises:
        CacheError: There is no cache folder at the path or below it, or one is damaged.
    """
    folders = find_cache_folders(path)
    if not folders:
        raise CacheError(
            f"{path}: no feature cache in this folder; give a settings file, or the folder that "
            "`extract.cache` names"
        )
    return StatusReport(tuple(_of_folder(folder) for folder in folders))


def _of_modality(
    project: Project, cohort: Cohort, name: str, modality: VolumeModality
) -> ModalityStatus:
    made = volume_encoder(project, modality, device="cpu")
    where = (cache_root(project), name, made.identity)
    folder, plan = plan_cohort(cohort, where, made.gate)
    running = tuple(running_marks(folder.path)) if folder else ()
    return ModalityStatus(
        name=name,
        encoder=made.encoder.name,
        cache=CacheFolder.location(*where),
        cases=_states(plan, running),
        reasons=group_reasons(
            (case_id, str(source), reason)
            for (case_id, source), reason in (plan.failed_before | plan.rejected_before).items()
        ),
        running=running,
        last_run=_last_run(folder) if folder else None,
        others=other_features(*where),
        max_tokens=_max_tokens(made.identity),
    )


def _states(plan: Plan, running: Iterable[Running]) -> dict[State, tuple[str, ...]]:
    in_flight = {case_id for one in running for case_id in one.in_flight}
    to_do = [case_id for job in plan.jobs for case_id in job.known]
    return {
        "done": tuple(case_id for case_id, _ in plan.done),
        "running": tuple(case_id for case_id in to_do if case_id in in_flight),
        "pending": tuple(case_id for case_id in to_do if case_id not in in_flight),
        "failed": tuple(case_id for case_id, _ in plan.failed_before),
        "rejected": tuple(case_id for case_id, _ in plan.rejected_before),
        "absent": tuple(plan.absent),
    }


def _of_folder(folder: CacheFolder) -> ModalityStatus:
    failures = list(folder.failed_scans().values())
    running = tuple(running_marks(folder.path))
    in_flight = [case_id for one in running for case_id in one.in_flight]
    unsettled = {failure.case_id for failure in failures} | set(in_flight)
    return ModalityStatus(
        name=f"{folder.path.parent.name}/{folder.path.name}",
        encoder=str(folder.identity.get("encoder", "unknown")),
        cache=folder.path,
        cases={
            "done": tuple(sorted(stored_cases(folder) - unsettled)),
            "running": tuple(dict.fromkeys(in_flight)),
            "failed": tuple(one.case_id for one in failures if not one.quality),
            "rejected": tuple(one.case_id for one in failures if one.quality),
        },
        reasons=group_reasons((one.case_id, one.path, one.reason) for one in failures),
        running=running,
        last_run=_last_run(folder),
        max_tokens=_max_tokens(folder.identity),
    )


def _max_tokens(identity: Mapping[str, Any]) -> int | None:
    """Return what the recipe of a cache says, also of one that another mmfeat has written."""
    rule = identity.get(TOKENS_FIELD)
    most = rule.get("max_tokens") if isinstance(rule, Mapping) else None
    return most if isinstance(most, int) else None


def _last_run(folder: CacheFolder) -> dict[str, Any] | None:
    account = folder.last_run()
    if account is None:
        return None
    ended_s = (folder.path / LAST_RUN_NAME).stat().st_mtime
    ended = datetime.fromtimestamp(ended_s, UTC).isoformat(timespec="seconds")
    short = {key: value for key, value in account.items() if key not in ("failures", "reasons")}
    return {"ended": ended, **short}
