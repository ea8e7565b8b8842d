"""The failures of several machines as one list: a success anywhere wins, else the newest reason."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from mmfeat.cache.rows import Failure, ScanKey


@dataclass(frozen=True)
class Outcome:
    """Hold what one folder knows of its cases."""

    failures: Mapping[ScanKey, Failure]
    embedded: Collection[tuple[str, str]]
    """Case and digest of each scan that it has a feature of."""


def joint_failures(outcomes: Sequence[Outcome]) -> dict[ScanKey, Failure]:
    """Bring failures together.

    A failure goes when another folder embedded a scan of that case which its own folder did not:
    what failed here succeeded there. Where two folders name the same case and path, the newer one
    counts. A failure that goes wrongly (one of several scans of a case) is found again by the next
    extraction.
    """
    newest: dict[ScanKey, Failure] = {}
    embedded = {scan for outcome in outcomes for scan in outcome.embedded}
    for outcome in outcomes:
        succeeded = {case_id for case_id, _ in embedded.difference(outcome.embedded)}
        for key, failure in outcome.failures.items():
            before = newest.get(key)
            if failure.case_id not in succeeded and (before is None or before.when < failure.when):
                newest[key] = failure
    return newest
