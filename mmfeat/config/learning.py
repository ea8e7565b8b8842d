"""Settings of training and evaluation."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    field_validator,
    model_validator,
)

from mmfeat.config.base import Name, Share, StrictModel
from mmfeat.config.modalities import check_device_name
from mmfeat.config.subgroups import Subgroups
from mmfeat.config.training_grid import checked_grid

Rate = Annotated[float, Field(ge=0, lt=1)]
_THRESHOLD_RULE = re.compile(r"max_f1|youden|(sensitivity|specificity)>=0?\.\d*[1-9]\d*")


class TrainSettings(StrictModel):
    """Which heads are trained, and how."""

    run: Path = Path("run")
    """Folder of the trained heads and of the results, relative to the settings file."""
    targets: list[Name] | None = None
    """Targets to train for; all that can be trained when not given."""
    joint: dict[Name, Annotated[dict[Name, PositiveFloat], Field(min_length=2)]] = {}
    """Targets that one network learns together: for each group's name, its targets and how much
    the loss of each counts. Every target gets results named `<method>~<group>` beside those of
    heads of its own; only methods that train networks take part."""
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
    contrastive_bank: NonNegativeInt = 0
    """Cases of earlier batches that each batch of the first stage is compared with too, for each
    set of modalities; 0 compares it with itself alone, which is enough where batches are large."""
    warmup_epochs: NonNegativeFloat = 0.0
    """The step size rises from zero over so many passes."""
    cosine: bool = False
    """Let the step size fall to zero at the last of the `epochs`, as half a cosine."""
    largest_norm: NonNegativeFloat = 0.0
    """Gradients longer than this are shortened to it; 0 leaves all as they are."""
    averaging: Rate = 0.0
    """Share that a moving average of the weights keeps in each step, such as 0.99; the average is
    what is used. 0 uses the weights themselves."""
    sampled_views: PositiveInt = 8
    """With more than four modalities: how many sets of several of them are trained on, beside each
    alone and all together. With up to four, all sets are."""
    base_rates: Literal["auto", "always", "never"] = "auto"
    """Add the base rates of the training part to the logits of networks, so that they need not
    learn how rare a class is; probabilities stay what they are. `auto`: where the rarest class has
    less than 20 % of the labels and fewer than 50 cases. `mmfeat` starts from linear models and
    needs none."""
    grid: dict[str, list[Any]] = {}
    """Settings of networks to try out, each with a list of values, such as `learning_rate: [1e-4,
    1e-3]`; every combination is trained. Each fold takes the one that does best on its validation
    part, and its test part is predicted by that one alone."""
    device: str = "auto"
    """`auto` (the first GPU, or else the CPU), `cpu`, `cuda`, `cuda:1`, ..."""
    precision: Literal["float32", "tf32", "bfloat16"] = "tf32"
    """Of the matrix products of heads that are trained together on a GPU; elsewhere it is always
    float32. Weights, losses and the optimiser stay in float32."""
    compile: bool = False
    """Let torch's compiler merge what heads that are trained together on a GPU do in a step, at the
    cost of a minute before their first epoch: for grids and for training that takes many minutes.
    The numbers are the same up to rounding; elsewhere nothing is compiled."""
    memory_gb: PositiveFloat | None = None
    """Memory that training may take, in GB: half of what the machine or its control group has when
    not given. Features that would need more stay in the cache and are read as they are needed."""
    workers: PositiveInt | None = None
    """Most processes that train heads at the same time on a CPU, one core each; the cores this
    process may use when not given. The numbers do not depend on it."""

    @field_validator("grid")
    @classmethod
    def _check_grid(cls, grid: dict[str, list[Any]]) -> dict[str, list[Any]]:
        return checked_grid(grid, cls.model_fields)

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
    operating_points: list[str] = [
        "max_f1",
        "youden",
        "sensitivity>=0.9",
        "specificity>=0.9",
    ]
    """How thresholds are chosen on each fold's validation part, to be applied to its test part:
    `max_f1`, `youden` (largest sum of sensitivity and specificity), `sensitivity>=SHARE`,
    `specificity>=SHARE`; an empty list leaves them out."""
    recalibration: Literal["temperature", "isotonic", "none"] = "temperature"
    """How probabilities are recalibrated by each fold's validation part: for decision curves and
    for `mmfeat predict`. Results show both. `temperature` is one number for each output, taken
    where it clearly helps the validation part; `isotonic` as many as it takes, for large
    cohorts."""
    worst_cases: NonNegativeInt = 20
    """Cases that are listed for each method because their predictions are furthest off."""
    missing_cells: list[Share] = [0.25, 0.5, 0.75, 0.9]
    """Shares of the known cells of test records that are hidden at random, to show how each method
    does with records that have gaps; an empty list leaves it out."""
    missing_columns: bool = True
    """Hide such shares of the columns, too: whole columns, the same in every case, those that tell
    most of the training part's labels first, and those that tell least first."""
    missing_modalities: list[Annotated[float, Field(gt=0, le=1)]] = [0.25, 0.5, 0.75, 1.0]
    """Shares of the cases with everything that lose one modality, the scan or the record, to show
    how each method bears it; an empty list leaves it out."""
    subgroups: dict[str, Subgroups] | None = None
    """Groups of cases whose results are stated apart, by name, such as `age: {column: age, bands:
    [55, 65, 75]}`. When not given: the columns `sex` (or `gender`) and `age` (in thirds) of the
    records, and the site, where the settings have them; an empty map leaves them out."""
    subgroup_least: PositiveInt = 10
    """A group with fewer positive or negative cases than this (of numbers: cases; of times: events)
    is counted and not judged."""
    shown_scans: NonNegativeInt = 12
    """Scans that the report shows, the worst first; each is read once for its picture. 0 leaves
    them out."""
    figures: bool = True
    """Draw the main figures as PNG files in the run, for slides and papers; the report has its own
    drawings."""
    table_rows: list[str] | None = None
    """Methods that `mmfeat eval --table` shows, in this order; all, the best first, when not
    given."""
    true_risk: Path | None = None
    """Only for made-up cohorts: CSV file with `case_id` and a column for each binary target, the
    true probability of the positive class; its AUROC is shown as the ceiling. Never read by
    training."""

    @field_validator("operating_points")
    @classmethod
    def _check_operating_points(cls, rules: list[str]) -> list[str]:
        for rule in rules:
            if not _THRESHOLD_RULE.fullmatch(rule):
                raise ValueError(
                    f"`{rule}` is no rule for a threshold; there are max_f1, youden, "
                    "sensitivity>=SHARE and specificity>=SHARE, such as sensitivity>=0.9"
                )
        if len(set(rules)) < len(rules):
            raise ValueError(f"one is named twice in {rules}")
        return rules

    @model_validator(mode="after")
    def _check(self) -> "EvalSettings":
        for field in ("missing_cells", "missing_modalities"):
            shares = getattr(self, field)
            if shares != sorted(set(shares)):
                raise ValueError(
                    f"{field}: give each share once, from the smallest to the largest "
                    f"(found {shares})"
                )
        return self
