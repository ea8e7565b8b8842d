"""Encoders of the clinical record: a table of names and modules, imported on demand."""

from importlib import import_module
from typing import TYPE_CHECKING

from mmfeat.config.record_variants import BASIC_ENCODER
from mmfeat.config.spelling import did_you_mean
from mmfeat.errors import RecordError

if TYPE_CHECKING:
    from mmfeat.record_encoders.contract import RecordEncoderKind

RECORD_ENCODERS: dict[str, str] = {
    "plr": "mmfeat.record_encoders.number_embeddings:PLR",
    "ple": "mmfeat.record_encoders.number_embeddings:PLE",
    "ft-transformer": "mmfeat.record_encoders.ft_transformer:KIND",
    "tabm": "mmfeat.record_encoders.tabm:KIND",
    "tabicl": "mmfeat.record_encoders.tabicl:KIND",
    "tabpfn": "mmfeat.record_encoders.tabpfn:KIND",
}
"""Name of each encoder that is fitted to a target, and the module and the object in it."""


def get_record_encoder(name: str) -> "RecordEncoderKind":
    """Return an encoder by its name.

    Raises:
        RecordError: There is no such encoder; the message names the nearest one.
    """
    if name not in RECORD_ENCODERS:
        hint = did_you_mean(name, [BASIC_ENCODER, *RECORD_ENCODERS])
        hint = hint or "; `mmfeat table encoders` shows all"
        raise RecordError(f"unknown record encoder `{name}`{hint}")
    module, attribute = RECORD_ENCODERS[name].split(":")
    kind: RecordEncoderKind = getattr(import_module(module), attribute)
    return kind
