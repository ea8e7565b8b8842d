"""Numbers that every network is trained with."""

from dataclasses import dataclass

from mmfeat.fusion.imbalance import BaseRates
from mmfeat.fusion.training.network_jobs import LoopOptions, StepRules


@dataclass(frozen=True)
class FitOptions:
    """Hold what the settings say about networks; they describe each field."""

    epochs: int = 100
    patience: int = 15
    batch_size: int = 256
    learning_rate: float = 1e-3
    weight_decay: float = 1e-2
    dropout: float = 0.2
    contrastive_epochs: int = 20
    contrastive_bank: int = 0
    warmup_epochs: float = 0.0
    cosine: bool = False
    largest_norm: float = 0.0
    """0 where gradients are not clipped."""
    averaging: float = 0.0
    sampled_views: int = 8
    base_rates: BaseRates = "auto"

    def loop(self, epochs: int | None = None) -> LoopOptions:
        """Return the numbers of the loop, of another number of epochs where given."""
        return LoopOptions(
            self.epochs if epochs is None else epochs,
            self.patience,
            self.batch_size,
            self.learning_rate,
            self.weight_decay,
        )

    def rules(self) -> StepRules:
        """Return how steps are changed."""
        return StepRules(
            self.largest_norm or float("inf"), self.warmup_epochs, self.cosine, self.averaging
        )
