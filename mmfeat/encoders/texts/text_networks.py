"""The architectures of transformers that sentence encoders are made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class TextNetwork:
    """Say of which class a network is, and what of it is not used."""

    of: str
    """Its class in transformers."""
    has_pooler: bool = False
    """Whether its class has a pooler, which no sentence encoder takes, and can do without."""
    counts_from_padding: bool = False
    """Whether positions are counted from behind the padding token's number."""

    def positions_before(self, config: Mapping[str, Any]) -> int:
        """Return how many positions no token can have."""
        return int(config.get("pad_token_id") or 0) + 1 if self.counts_from_padding else 0


TEXT_NETWORKS: Mapping[str, TextNetwork] = {
    "bert": TextNetwork("BertModel", has_pooler=True),
    "distilbert": TextNetwork("DistilBertModel"),
    "electra": TextNetwork("ElectraModel"),
    "mpnet": TextNetwork("MPNetModel", has_pooler=True, counts_from_padding=True),
    "roberta": TextNetwork("RobertaModel", has_pooler=True, counts_from_padding=True),
    "camembert": TextNetwork("CamembertModel", has_pooler=True, counts_from_padding=True),
    "xlm-roberta": TextNetwork("XLMRobertaModel", has_pooler=True, counts_from_padding=True),
    "modernbert": TextNetwork("ModernBertModel"),
}
"""By the ``model_type`` of ``config.json``."""
