"""Say what a CT volume is worth before it is embedded: measure it once, judge it by rules."""

from mmfeat.quality.codes import CODES, SEVERITIES
from mmfeat.quality.facts import QUALITY_VERSION, QualityFacts
from mmfeat.quality.measuring import measure
from mmfeat.quality.rules import RULES
from mmfeat.quality.thresholds import Severity, Thresholds
from mmfeat.quality.verdict import Finding, Outcome, Verdict, judge

__all__ = [
    "CODES",
    "QUALITY_VERSION",
    "RULES",
    "SEVERITIES",
    "Finding",
    "Outcome",
    "QualityFacts",
    "Severity",
    "Thresholds",
    "Verdict",
    "judge",
    "measure",
]
