"""What a head is to predict: one target, or several at once that count differently."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from mmfeat.losses import kinds

Kind = kinds.Kind


@dataclass(frozen=True)
class TaskPart:
    """Describe one target: how many logits it has, and how its labels are scored.

    Labels are in columns: binary one of 0 and 1; multiclass one, the index of the class; multilabel
    one of 0 and 1 for each output; regression one, on the scale of the logit; cox two, time and
    event. NaN where missing.
    """

    kind: Kind
    n_outputs: int
    weight: float = 1.0
    """How much its loss counts beside those of the other parts."""
    hazards: bool = False
    """Say that the labels of a multilabel part are intervals of time, first to last."""
    divides_at: float = 0.0
    """Where the contrastive stage divides cases in two: regression, a value; hazards, how many of
    the intervals; cox, a time."""

    def __post_init__(self) -> None:
        """Raise ValueError when the number of outputs does not fit the kind."""
        one_output = self.kind in ("binary", "regression", "cox")
        if self.n_outputs < 1 or (one_output and self.n_outputs != 1):
            raise ValueError(f"{self.kind}: cannot have {self.n_outputs} outputs")
        if self.hazards and self.kind != "multilabel":
            raise ValueError(f"hazards are multilabel, got {self.kind}")
        if not self.weight > 0:
            raise ValueError(f"weight must be above 0, got {self.weight}")

    @property
    def n_columns(self) -> int:
        """Return the number of columns of its labels."""
        if self.kind == "multiclass":
            return 1
        return 2 if self.kind == "cox" else self.n_outputs


@dataclass(frozen=True)
class Task:
    """Describe what one head predicts; the outputs and columns of the parts lie side by side.

    Example:
        >>> both = Task((TaskPart("binary", 1), TaskPart("multiclass", 3, weight=0.5)))
        >>> both.n_outputs, both.n_columns
        (4, 2)
        >>> [(part.kind, outputs, columns) for part, outputs, columns in both.places()]
        [('binary', slice(0, 1, None), slice(0, 1, None)), ('multiclass', slice(1, 4, None), slice(1, 2, None))]
    """  # noqa: E501 - the example's output is one line

    parts: tuple[TaskPart, ...]

    def __post_init__(self) -> None:
        """Raise ValueError when nothing is to be predicted."""
        if not self.parts:
            raise ValueError("a task needs at least one part")

    @classmethod
    def single(cls, kind: Kind, n_outputs: int = 1) -> "Task":
        """Return the task of one target."""
        return cls((TaskPart(kind, n_outputs),))

    @property
    def n_outputs(self) -> int:
        """Return the number of logits of all parts."""
        return sum(part.n_outputs for part in self.parts)

    @property
    def n_columns(self) -> int:
        """Return the number of label columns of all parts."""
        return sum(part.n_columns for part in self.parts)

    @property
    def has_cox(self) -> bool:
        """Say whether a part has no loss of single cases, but one of all cases of a batch."""
        return any(part.kind == "cox" for part in self.parts)

    @property
    def has_numbers(self) -> bool:
        """Say whether some labels are numbers of any size."""
        return any(part.kind in ("regression", "cox") for part in self.parts)

    def to_json(self) -> list[dict[str, Any]]:
        """Return the parts as plain values."""
        return [asdict(part) for part in self.parts]

    @classmethod
    def from_json(cls, parts: Sequence[Mapping[str, Any]]) -> "Task":
        """Return the task that ``to_json`` described."""
        return cls(tuple(TaskPart(**part) for part in parts))

    def places(self) -> Iterator[tuple[TaskPart, slice, slice]]:
        """Give each part with the places of its logits and of its label columns."""
        output = column = 0
        for part in self.parts:
            yield (
                part,
                slice(output, output + part.n_outputs),
                slice(column, column + part.n_columns),
            )
            output, column = output + part.n_outputs, column + part.n_columns
