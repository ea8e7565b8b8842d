"""What a network gets of each modality, and what it is built from again when a head is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mmfeat.errors import TrainError
from mmfeat.fusion.fold_data import FoldData, Sets
from mmfeat.fusion.networks.architectures import Architecture
from mmfeat.fusion.networks.attended_network import AttendedArchitecture

NO_SETS = (
    "no modality has a set of vectors to pool by attention; give a modality of volumes "
    "`features: tokens` or `several: set`, or take methods that end in `-attention` out of "
    "`train.methods`"
)


@dataclass(frozen=True)
class NetworkInputs:
    """Hold the width of each modality, which are records, and of which the sets are read."""

    widths: Mapping[str, int]
    """Of the vectors of all modalities, in order."""
    records: frozenset[str] = frozenset()
    set_widths: Mapping[str, int] = field(default_factory=dict)
    """Of the vectors in a set, for the modalities whose sets are read instead of one vector."""

    @classmethod
    def of(cls, data: FoldData, *, reads_sets: bool) -> "NetworkInputs":
        """Describe what there is of a fold.

        Raises:
            TrainError: Sets are to be read, and no modality has any.
        """
        sets = {name: scans.vectors.shape[1] for name, scans in data.sets.items()}
        if reads_sets and not sets:
            raise TrainError(NO_SETS)
        return cls(data.widths, data.records, sets if reads_sets else {})

    @property
    def after_pooling(self) -> tuple[int, ...]:
        """Return the width of each modality after the pooling of its sets."""
        return tuple(self.set_widths.get(name, width) for name, width in self.widths.items())

    def behind_pooling(self, architecture: Architecture) -> Architecture:
        """Put attention pooling before a network, where sets are read."""
        if not self.set_widths:
            return architecture
        of_modalities = tuple(self.set_widths.get(name) for name in self.widths)
        return AttendedArchitecture(architecture, of_modalities)

    def check_sets(self, sets: Sets | None) -> Sets:
        """Return the sets that are read, or raise ValueError unless they are as trained on."""
        found = {name: scans.vectors.shape[1] for name, scans in (sets or {}).items()}
        if any(found.get(name) != width for name, width in self.set_widths.items()):
            raise ValueError(f"sets must be {dict(self.set_widths)} (modality: width), got {found}")
        return {name: (sets or {})[name] for name in self.set_widths}

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "widths": dict(self.widths),
            "records": sorted(self.records),
            "set_widths": dict(self.set_widths),
        }

    @classmethod
    def from_json(cls, known: Mapping[str, Any]) -> "NetworkInputs":
        """Return what ``to_json`` described."""
        return cls(known["widths"], frozenset(known["records"]), known["set_widths"])
