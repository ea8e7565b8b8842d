"""Examine the machine, and the project that is to run on it, before anything long is begun."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmfeat.progress import Progress
from mmfeat.stages.doctor.finding import Finding, examined
from mmfeat.stages.doctor.machine import machine_findings

if TYPE_CHECKING:
    from mmfeat.stages.doctor.modality import ModalityExam


@dataclass(frozen=True)
class DoctorReport:
    """Hold everything that was found, in the order of a run."""

    findings: tuple[Finding, ...]
    exams: "dict[str, ModalityExam]"
    """Of each volume modality whose scans could be tried."""

    @property
    def n_problems(self) -> int:
        """How many findings would stop a run."""
        return sum(finding.level == "problem" for finding in self.findings)

    @property
    def n_warnings(self) -> int:
        """How many findings are worth a look."""
        return sum(finding.level == "warning" for finding in self.findings)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values; of each modality what was tried, measured and projected."""
        accounts = {name: exam.account for name, exam in self.exams.items()}
        projections = {name: exam.projection for name, exam in self.exams.items()}
        return {
            "n_problems": self.n_problems,
            "n_warnings": self.n_warnings,
            "findings": [finding.to_json() for finding in self.findings],
            "scans": {name: exam.to_json() for name, exam in self.exams.items()},
            "volume": {name: one.to_json() for name, one in accounts.items() if one},
            "projection": {name: one.to_json() for name, one in projections.items() if one},
        }


def examine(
    config: Path | None,
    overrides: Sequence[str] = (),
    *,
    sample: int,
    volume: bool,
    devices: Sequence[int],
    progress: Progress,
    trust_code: bool = False,
) -> DoctorReport:
    """Examine the machine and, where there are settings, all that they name.

    Nothing is left behind, and no feature is stored.

    Args:
        config: The settings file; None for the machine alone.
        overrides: Settings that take the place of the file's.
        sample: Scans of each modality that are tried.
        volume: Take one of them through the network.
        devices: Numbers of devices to project the time for.
        progress: Is told how far it is.
        trust_code: Whether an encoder may run code that its weights bring.
    """
    found = machine_findings()
    exams: dict[str, ModalityExam] = {}

    def of_project() -> list[Finding]:
        # Not before the libraries were looked at: where one is missing, these cannot be imported.
        from mmfeat.stages.doctor.modality import Wanted
        from mmfeat.stages.doctor.project import ProjectCheck

        wanted = Wanted(sample, volume, devices, trust_code)
        check = ProjectCheck(config or Path(), overrides, wanted=wanted, progress=progress)
        findings = check.findings()
        exams.update(check.exams)
        return findings

    if config is not None:
        found += examined("settings", of_project)
    return DoctorReport(tuple(found), exams)
