"""Examine one volume modality: its cache, a sample of its scans, one of them from end to end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mmfeat.config.loading import Project
from mmfeat.core_budget import allotted_cores, limit_torch_threads
from mmfeat.errors import MmfeatError
from mmfeat.manifest.cohort import Cohort
from mmfeat.progress import Progress
from mmfeat.stages.doctor.cohort import ScansToDo, scans_to_do, to_do_finding
from mmfeat.stages.doctor.finding import Finding, problem_from
from mmfeat.stages.doctor.memory import MemoryNeeded, needed_finding, read_memory
from mmfeat.stages.doctor.projection import Projection, Rates
from mmfeat.stages.doctor.projection import project as projected
from mmfeat.stages.doctor.sample import Sample, sample_findings, spread_sample, try_sample
from mmfeat.stages.doctor.trial import Trial
from mmfeat.stages.doctor.volume import VolumeAccount, embed_trial
from mmfeat.stages.doctor.weights import EncoderCheck
from mmfeat.stages.extraction.embedding import batch_size
from mmfeat.stages.volume_encoder import VolumeEncoder


@dataclass(frozen=True)
class Wanted:
    """Say how much is to be tried, and what to project."""

    sample: int = 5
    """Scans of each modality."""
    volume: bool = True
    """Whether one of them goes through the network."""
    devices: Sequence[int] = (1, 2, 4, 8)
    """How many devices to project the time for."""
    trust_code: bool = False
    """Whether an encoder may run code that its weights bring."""


@dataclass(frozen=True)
class ModalityExam:
    """Hold what was found out about one modality."""

    scans: ScansToDo
    sample: Sample
    row_bytes: int
    """Of a case in the cache, by the tried scan that has the most tokens, where they are kept."""
    account: VolumeAccount | None = None
    """None when no scan went through the network."""
    projection: Projection | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "n_to_do": len(self.scans.to_do),
            "n_done": len(self.scans.done),
            "n_failed_before": self.scans.n_failed,
            "row_bytes": self.row_bytes,
            "sample": self.sample.to_json(),
        }


class ModalityCheck:
    """Examine one modality whose encoder is loaded; ``exam`` is there once scans were tried.

    Args:
        project: Whose settings.
        name: The modality.
        encoder: Made and loaded.
        wanted: How much is to be tried.
        progress: Is told of each scan and batch.
    """

    def __init__(
        self,
        project: Project,
        name: str,
        *,
        encoder: EncoderCheck,
        wanted: Wanted,
        progress: Progress,
    ) -> None:
        self.exam: ModalityExam | None = None
        self._project = project
        self._name = name
        self._encoder = encoder
        self._wanted = wanted
        self._progress = progress

    def findings(self, made: VolumeEncoder, cohort: Cohort) -> Iterator[Finding]:
        """Examine the cache, then try scans; what is tried is not stored."""
        scans = scans_to_do(self._project, self._name, made, cohort)
        yield to_do_finding(self._name, scans)
        if not scans.worth_trying:
            return
        tried = spread_sample(scans.worth_trying, self._wanted.sample)
        sample = try_sample(tried, made, name=self._name, progress=self._progress)
        n_windows = max((trial.n_windows for trial in sample.readable), default=None)
        self.exam = ModalityExam(scans, sample, made.row_bytes(n_windows))
        yield from sample_findings(self._name, sample, n_scans=len(scans.worth_trying))
        if sample.kept is not None:
            yield self._memory_finding(made, scans, sample)
            if self._wanted.volume:
                yield self._embed(made, self.exam, sample.kept)

    @property
    def _threads(self) -> int:
        """Reading threads that can be at work at the same time."""
        workers, cores = self._project.settings.extract.workers, allotted_cores()
        return cores if workers == "auto" else min(workers, cores)

    def _memory_finding(self, made: VolumeEncoder, scans: ScansToDo, sample: Sample) -> Finding:
        settings = self._project.settings.extract
        n_features = scans.n_rows_to_do + len(scans.done)
        # All vectors are in memory once, at the end; of tokens only those that wait to be stored.
        n_windows = max(trial.n_windows for trial in sample.readable)
        feature_bytes = max(
            2 * settings.shard_cases * made.row_bytes(n_windows),
            n_features * made.encoder.embedding_size * 4,
        )
        window_bytes = max(trial.prepared_bytes // trial.n_windows for trial in sample.readable)
        needed = MemoryNeeded(
            reading_threads=self._threads if settings.workers == "auto" else settings.workers,
            scan_bytes=max(trial.peak_bytes for trial in sample.readable),
            prepared_bytes=max(trial.prepared_bytes for trial in sample.readable),
            batch_bytes=batch_size(made.encoder, settings) * window_bytes,
            feature_bytes=feature_bytes,
        )
        return needed_finding(f"{self._name} memory", needed, read_memory())

    def _embed(self, made: VolumeEncoder, exam: ModalityExam, trial: Trial) -> Finding:
        """Take one scan through the network, and project the rest."""
        check = f"{self._name} volume"
        limit_torch_threads(allotted_cores())
        try:
            account = embed_trial(
                trial,
                made.encoder,
                batch_windows=batch_size(made.encoder, self._project.settings.extract),
                load_s=self._encoder.load_s,
                device=self._encoder.device,
                progress=self._progress,
            )
        except MmfeatError as error:
            return problem_from(check, error)
        projection = projected(
            len(exam.scans.to_do),
            Rates.of(
                [one.reading_s for one in exam.sample.typical],
                [one.prepared_bytes for one in exam.sample.typical],
                model_s_per_byte=account.model_s_per_byte,
            ),
            reading_threads=self._threads,
            on_cpu=account.device == "cpu" or not account.model_s_per_byte,
            devices=self._wanted.devices,
        )
        self.exam = replace(exam, account=account, projection=projection)
        seconds = sum(cost.seconds for cost in account.stages.values())
        message = f"{trial.path.name} from end to end in {seconds:.2f} s"
        if not account.finite:
            fix = "see the scan with `mmfeat inspect`; where `precision` is set, try float32"
            return Finding(check, "warning", f"{message}; its feature is NaN or infinite", fix)
        if account.smallest_batch is not None:
            fix = f"set `extract.batch_windows` to {account.smallest_batch}, or free memory"
            lost = f"the device's memory is too small for {account.batch_windows} windows at once"
            return Finding(check, "warning", f"{message}; {lost}", fix)
        return Finding(check, "ok", message)
