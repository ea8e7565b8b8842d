"""The verdict on a volume: what was found, how severe it is, and what that makes of the volume."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from mmfeat.quality.codes import CODES, SEVERITIES
from mmfeat.quality.facts import QualityFacts
from mmfeat.quality.rules import RULES, WITHOUT_HU
from mmfeat.quality.thresholds import Severity, Thresholds

Outcome = Literal["pass", "warn", "reject"]
_UNKNOWN_NOTE: Severity = "warn"
DEFAULT_THRESHOLDS = Thresholds()


@dataclass(frozen=True)
class Finding:
    """Say one thing about a volume."""

    code: str
    """A short name such as ``truncated-fov``, by which settings and filters know it."""
    severity: Severity
    message: str


@dataclass(frozen=True)
class Verdict:
    """Hold all findings, the worst first."""

    findings: tuple[Finding, ...]

    @property
    def outcome(self) -> Outcome:
        """What the worst finding makes of the volume; information alone is a pass."""
        worst = self.findings[0].severity if self.findings else "info"
        return "pass" if worst == "info" else worst

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of all findings, each once."""
        return tuple(dict.fromkeys(finding.code for finding in self.findings))

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as plain JSON values."""
        return {"outcome": self.outcome, "findings": [asdict(one) for one in self.findings]}


def judge(facts: QualityFacts, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> Verdict:
    """Apply every rule to the facts, and take over what the reader noted.

    Values that cannot be Hounsfield units are judged by their extent alone.

    Facts can be stored and judged again: other thresholds need no second look at the volume.
    """
    messages = [
        (code, message)
        for code, rule in RULES.items()
        if facts.hu_doubt is None or code in WITHOUT_HU
        if (message := rule(facts, thresholds)) is not None
    ]
    messages += [(note.code, note.detail) for note in facts.notes]
    known = {**CODES, **thresholds.severities}
    findings = [
        Finding(code, known.get(code, _UNKNOWN_NOTE), message)
        for code, message in messages
        if code not in thresholds.ignore
    ]
    findings.sort(key=lambda finding: -SEVERITIES.index(finding.severity))
    return Verdict(tuple(findings))
