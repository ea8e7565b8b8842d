"""Settings of training and evaluation."""

from pathlib import Path
from typing import Annotated

from pydantic import (
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from mmfeat.config.base import Name, Share, StrictModel
from mmfeat.config.modalities import check_device_name

Rate = Annotated[float, Field(ge=0, lt=1)]


class TrainSettings(StrictModel):
    """Which heads are trained, and how."""

    run: Path = Path("run")
    """Folder of the trained heads and of the results, relative to the settings file."""
    targets: list[Name] | None = None
    """Targets to train for; all that can be trained when not given."""
    methods: Annotated[list[str], Field(min_length=1)] = ["mmfeat", "paper", "logistic", "average"]
    """Methods to train side by side; `mmfeat methods` shows all."""
    seeds: Annotated[list[NonNegativeInt], Field(min_length=1)] = [0, 1, 2]
    """One head is trained for each method, fold and seed; predictions are averaged over the
    seeds."""
    epochs: PositiveInt = 100
    """Most passes over the training part, of heads and of record encoders that are trained."""
    patience: PositiveInt = 15
    """Stop when the validation part has not improved for this many epochs."""
    batch_size: PositiveInt = 256
    """Cases in one step."""
    learning_rate: PositiveFloat = 1e-3
    """Step size of AdamW."""
    weight_decay: NonNegativeFloat = 1e-2
    """Decoupled weight decay of AdamW."""
    dropout: Rate = 0.2
    """Share of hidden units that is hidden in each step."""
    cell_dropout: Rate = 0.75
    """Largest share of a record's cells that is hidden from a model in training, so that it learns
    what to make of records with gaps; each case in each step draws its own. 0 hides nothing."""
    contrastive_epochs: NonNegativeInt = 20
    """Passes of the first stage, contrastive pre-training; 0 leaves it out."""
    device: str = "auto"
    """`auto` (the first GPU, or else the CPU), `cpu`, `cuda`, `cuda:1`, ..."""

    @model_validator(mode="after")
    def _check(self) -> "TrainSettings":
        check_device_name(self.device)
        for field in ("targets", "methods", "seeds"):
            values = getattr(self, field) or []
            if len(set(values)) < len(values):
                raise ValueError(f"{field}: one is named twice in {values}")
        return self


class EvalSettings(StrictModel):
    """How results are stated."""

    resamples: Annotated[int, Field(ge=100, le=100_000)] = 2000
    """Patient-level bootstrap resamples behind each interval."""
    confidence: Share = 0.95
    """Coverage of the intervals."""
    calibration_bins: Annotated[int, Field(ge=2, le=100)] = 10
    """Equal-mass bins of the calibration error and of the reliability curve."""
    seed: NonNegativeInt = 0
    """Seed of the resampling, and of which cells are hidden."""
    missing_cells: list[Share] = [0.25, 0.5, 0.75, 0.9]
    """Shares of the known cells of test records that are hidden at random, to show how each method
    does with records that have gaps; an empty list leaves it out."""
    true_risk: Path | None = None
    """Only for made-up cohorts: CSV file with `case_id` and a column for each binary target, the
    true probability of the positive class; its AUROC is shown as the ceiling. Never read by
    training."""

    @model_validator(mode="after")
    def _check(self) -> "EvalSettings":
        if self.missing_cells != sorted(set(self.missing_cells)):
            raise ValueError(
                f"missing_cells: give each share once, from the smallest to the largest "
                f"(found {self.missing_cells})"
            )
        return self
