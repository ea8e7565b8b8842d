"""Which record encoders a project compares: each head is trained once with each variant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mmfeat.config.modalities import Modality, TableModality

BASIC_ENCODER = "tabular-basic"
"""The record's numbers and flags as they are, with nothing trained."""


@dataclass(frozen=True)
class RecordVariant:
    """Say which encoder each table modality has."""

    label: str
    """What follows `@` in the name of a head's method; empty for the basic encoder."""
    encoders: Mapping[str, str] = field(default_factory=dict, hash=False)
    """For each table modality, its encoder."""

    def method_label(self, method: str) -> str:
        """Return a method's name in results.

        Example:
            >>> RecordVariant("plr", {"clinical": "plr"}).method_label("logistic")
            'logistic@plr'
        """
        return f"{method}@{self.label}" if self.label else method

    @property
    def trained(self) -> dict[str, str]:
        """The modalities whose encoders are fitted to a target, and these encoders."""
        return {name: one for name, one in self.encoders.items() if one != BASIC_ENCODER}


NO_RECORD = RecordVariant("")
"""Where there is no record, or where its encoder makes no difference."""


def method_labels(methods: Sequence[str], variants: Sequence[RecordVariant]) -> tuple[str, ...]:
    """Return the names that methods have in results, method by method.

    Example:
        >>> method_labels(["mmfeat", "paper"], [NO_RECORD, RecordVariant("plr")])
        ('mmfeat', 'mmfeat@plr', 'paper', 'paper@plr')
    """
    return tuple(variant.method_label(method) for method in methods for variant in variants)


def record_variants(modalities: Mapping[str, Modality]) -> tuple[RecordVariant, ...]:
    """Return the variants that the settings ask for, in their order; one at least.

    Modalities with a list go through it together; the others keep their one encoder.

    Raises:
        ValueError: Two modalities have different lists.
    """
    tables = {
        name: modality.encoders
        for name, modality in modalities.items()
        if isinstance(modality, TableModality)
    }
    lists = {name: encoders for name, encoders in tables.items() if len(encoders) > 1}
    if not lists:
        single = {name: encoders[0] for name, encoders in tables.items()}
        named = dict.fromkeys(one for one in single.values() if one != BASIC_ENCODER)
        return (RecordVariant("+".join(named), single) if named else NO_RECORD,)
    first, compared = next(iter(lists.items()))
    for name, encoders in lists.items():
        if encoders != compared:
            raise ValueError(
                f"modalities: the lists `encoder` of `{first}` and `{name}` differ; give them the "
                "same list, or one of them a single encoder"
            )
    return tuple(
        RecordVariant(
            "" if encoder == BASIC_ENCODER else encoder,
            {name: encoder if name in lists else tables[name][0] for name in tables},
        )
        for encoder in compared
    )
