"""The heads of a stack while they are trained: one step of all of them, and their scores."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from mmfeat.fusion.stacked.adamw import Moments, adamw_step
from mmfeat.fusion.stacked.batches import StackedBatch
from mmfeat.fusion.stacked.cohort import StackedCohort
from mmfeat.fusion.stacked.counters import STEPS, StepRandom, combined, position_words
from mmfeat.fusion.stacked.flat_parameters import FlatLayout
from mmfeat.fusion.stacked.head_numbers import HeadNumbers
from mmfeat.fusion.stacked.hidden_units import HiddenUnits
from mmfeat.fusion.stacked.objective import Objective
from mmfeat.fusion.stacked.row_order import shuffled
from mmfeat.fusion.stacked.selecting import take_heads
from mmfeat.fusion.training.network_jobs import NetworkJob


@dataclass(frozen=True)
class HeadWeights:
    """Hold what training changes, a row for each head.

    ``rows`` are the parameters and ``best`` those of the best epoch so far; ``average`` is the
    moving average that is scored, None where no head asks for one.
    """

    rows: Float[Tensor, "heads length"]
    best: Float[Tensor, "heads length"]
    moments: Moments
    average: Float[Tensor, "heads length"] | None

    @property
    def scored(self) -> Float[Tensor, "heads length"]:
        """Return the parameters that are scored and kept."""
        return self.rows if self.average is None else self.average


class Stack:
    """Train heads of one shape together; nothing in a step waits for the device.

    A step finds its batch by a counter on the device and changes tensors in place, so it can be
    captured once and replayed. A step beyond a head's last row changes nothing of it.
    """

    def __init__(
        self,
        jobs: Sequence[NetworkJob],
        weights: HeadWeights,
        numbers: HeadNumbers,
        *,
        cohort: StackedCohort,
        layout: FlatLayout,
        objective: Objective,
    ) -> None:
        self.jobs, self.weights, self.numbers = list(jobs), weights, numbers
        self._cohort, self._layout, self._objective = cohort, layout, objective
        self._batch_size = jobs[0].loop.batch_size
        self._draws_views, self._hides_cells = jobs[0].draws_views, jobs[0].hides_cells
        pairs = len(jobs[0].views) * self._batch_size
        of_masks = -(-pairs * objective.architecture.widest_hidden // 4)
        n_columns = max((gaps.n_columns for gaps in cohort.gaps if gaps is not None), default=0)
        n_words = max(of_masks, pairs, (1 + n_columns) * self._batch_size)
        self._words = position_words(n_words, cohort.labels.device)
        self._losses, self._update = self._losses_of_rows, adamw_step
        self._prepare()

    def compile(self) -> None:
        """Let torch's compiler merge the operations of a step into few passes over memory.

        It works when a step is first taken. The numbers are the same up to rounding.
        """
        torch.compiler.reset()  # what it has learnt of other stacks only counts against this one
        self._losses = torch.compile(self._losses_of_rows, fullgraph=True)
        self._update = torch.compile(adamw_step, fullgraph=True)

    def _prepare(self) -> None:
        """Make what a step needs besides the heads' own tensors."""
        rows = self.weights.rows
        views = self._layout.views(rows)
        # Leaves in the memory of the rows: a step of the optimiser reaches them without a copy.
        self._leaves = {name: values.detach() for name, values in views.items()}
        self._trained = [
            self._leaves[stretch.name].requires_grad_() for stretch in self._layout.trained
        ]
        self._step_seeds = combined(self.numbers.seeds, STEPS)
        self._gradients = torch.zeros_like(rows)
        self._position = torch.zeros((), dtype=torch.int64, device=rows.device)
        self._totals = rows.new_zeros(len(rows))
        most = self.n_steps * self._batch_size
        self._order = self.numbers.train.rows.new_zeros(len(rows), most + self._batch_size)
        self._clips = any(job.rules.largest_norm < float("inf") for job in self.jobs)
        self._drops = any(job.dropout > 0 for job in self.jobs)

    @property
    def n_steps(self) -> int:
        """Return the number of steps of the longest epoch."""
        return max(job.steps_per_epoch for job in self.jobs)

    def start_epoch(self, epochs: Sequence[int]) -> None:
        """Shuffle every head's rows for its epoch; epochs are counted from 1."""
        train = self.numbers.train
        most = self._order.shape[1] - self._batch_size
        numbers = torch.tensor(epochs, device=train.rows.device)
        rows = shuffled(train.rows, train.n_rows, self.numbers.seeds, numbers)
        self._order[:, :most] = rows[:, :most]
        self._position.zero_()
        self._totals.zero_()

    def step(self) -> None:
        """Take one step with every head that has rows left in this epoch."""
        numbers, weights = self.numbers, self.weights
        columns = self._position * self._batch_size + torch.arange(
            self._batch_size, device=self._order.device
        )
        valid = columns < numbers.train.n_rows[:, None]
        losses = self._losses(
            self._leaves,
            self._order.index_select(1, columns),
            valid,
            combined(self._step_seeds, weights.moments.steps),
        )
        gradients = torch.autograd.grad(losses.sum(), self._trained)
        self._layout.gather(gradients, self._gradients)
        active = valid[:, 0]
        self._update(
            weights.rows,
            self._gradients,
            weights.moments,
            numbers.sizes,
            active=active,
            n_decayed=self._layout.n_decayed,
            clips=self._clips,
        )
        if weights.average is not None:
            share = (1 - numbers.averaging) * active
            weights.average.lerp_(weights.rows, share[:, None])
        self._totals += losses.detach() * valid.sum(1)
        self._position += 1

    def skip_step(self) -> None:
        """Do all of a step's work beyond the last row: it changes nothing, but warms up."""
        self._position.fill_(self.n_steps)
        self.step()

    def mean_losses(self) -> Float[Tensor, " heads"]:
        """Return the mean training loss of each head's cases in this epoch, as they were met."""
        return self._totals / self.numbers.train.n_rows

    @torch.no_grad()
    def verdicts(self) -> Float[Tensor, "two heads"]:
        """Judge each head on its validation part: its score, and its loss."""
        val, parameters = self.numbers.val, self._layout.views(self.weights.scored)

        def cases(first: int, stop: int) -> StackedBatch:
            places = torch.arange(first, stop, device=val.rows.device)
            valid = places < val.n_rows[:, None]
            return val.cases.batch(self._cohort, val.rows[:, first:stop], valid)

        return self._objective.verdicts(
            parameters, cases, val.rows.shape[1], self._batch_size, val.weights
        )

    def keep_as_best(self, improved: Sequence[bool]) -> None:
        """Remember the weights of the heads that improved."""
        best = self.weights.best
        chosen = torch.tensor(improved, device=best.device)
        best.copy_(torch.where(chosen[:, None], self.weights.scored, best))

    def best_state(self, head: int) -> dict[str, Tensor]:
        """Return the best weights of one head, by their names in its module, on the CPU."""
        return self._layout.state(self.weights.best[head].cpu())

    def keep(self, heads: Sequence[int]) -> None:
        """Go on with some of the heads only."""
        kept = torch.tensor(heads, device=self._order.device)
        self.jobs = [self.jobs[head] for head in heads]
        self.weights = take_heads(self.weights, kept)
        self.numbers = take_heads(self.numbers, kept)
        self._prepare()

    def _losses_of_rows(
        self,
        parameters: dict[str, Tensor],
        rows: Int[Tensor, "heads batch"],
        valid: Bool[Tensor, "heads batch"],
        keys: Int[Tensor, " heads"],
    ) -> Float[Tensor, " heads"]:
        numbers, random = self.numbers, StepRandom(keys, self._words)
        batch = numbers.train.cases.batch(
            self._cohort,
            rows,
            valid,
            draw_with=random if self._draws_views else None,
            hide_with=random if self._hides_cells else None,
        )
        hide = None
        if self._drops:
            n_layers = self._objective.architecture.n_hiding_layers
            hide = HiddenUnits.for_step(random, n_layers, numbers.n_dropped_levels)
        return self._objective.losses(parameters, batch, hide, numbers.train.weights)
