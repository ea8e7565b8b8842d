"""One network while it is trained: its epochs, its scores, and all that it goes on from."""

import copy
import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from mmfeat.fusion.training.epochs import Verdict
from mmfeat.fusion.training.job_objectives import objective_of
from mmfeat.fusion.training.network_jobs import LossTerms, NetworkJob
from mmfeat.fusion.training.viewed_cases import viewed_cases

_MOMENTS = "step", "exp_avg", "exp_avg_sq"


class LoneNetwork:
    """Train the network of a job, within `seeded` by the job's seed."""

    def __init__(self, job: NetworkJob, device: str, generator: torch.Generator) -> None:
        self.job, self._device, self._generator = job, device, generator
        network = job.architecture.build(job.dropout)
        if job.start is not None:
            network.load_state_dict(dict(job.start))
        self._network = network.to(device)
        averages = job.rules.averaging > 0
        self._scored = copy.deepcopy(self._network) if averages else self._network
        self._best = _copy(self._network)
        self._trained = [p for p in self._network.parameters() if p.requires_grad]
        self._optimiser = _adamw(self._trained, job)
        self._n_steps = 0
        self._objective = objective_of(job, device)
        self._train = viewed_cases(
            job.data, job.train, job.views, device, terms=job.terms, reads_sets=job.reads_sets
        )
        offsets = LossTerms(offsets=job.terms.offsets)
        self._val = viewed_cases(
            job.data, job.val, job.scored_views, device, terms=offsets, reads_sets=job.reads_sets
        )

    def run_epoch(self) -> float:
        """Train on every case once, in another order each time; return the mean loss."""
        self._network.train()
        total = torch.zeros((), device=self._device)
        batch_size = self.job.loop.batch_size
        order = self._train.shuffled(self._generator, batch_size).to(self._device)
        for cases in self._train.batches(order, batch_size):
            loss = self._objective.loss(self._network, cases, self._generator)
            self._optimiser.zero_grad()
            torch.autograd.backward(loss)
            self._step()
            total += loss.detach() * len(cases)
        return float(total) / len(self._train)

    @torch.no_grad()
    def verdict(self) -> Verdict:
        """Judge the weights as they are, or their moving average, on the validation part."""
        return self._objective.verdict(self._scored.eval(), self._val)

    def keep_as_best(self) -> None:
        """Remember the weights that the last verdict was on."""
        self._best = _copy(self._scored)

    def best(self) -> dict[str, Tensor]:
        """Return the best weights, on the CPU, as ``best.<name>``."""
        return {f"best.{name}": values.cpu() for name, values in self._best.items()}

    def state(self) -> dict[str, Tensor]:
        """Return everything that training goes on from, on the CPU."""
        tensors = self.best()
        tensors |= {f"network.{n}": v.cpu() for n, v in _copy(self._network).items()}
        if self._scored is not self._network:
            tensors |= {f"average.{n}": v.cpu() for n, v in _copy(self._scored).items()}
        for number, parameter in enumerate(self._trained):
            moments = self._optimiser.state[parameter]
            tensors |= {f"{name}.{number}": moments[name].cpu() for name in moments}
        tensors |= {f"objective.{n}": v for n, v in self._objective.state().items()}
        tensors["steps"] = torch.tensor(self._n_steps)
        tensors["random.shuffling"] = self._generator.get_state()
        tensors["random.cpu"] = torch.get_rng_state()
        if self._device.startswith("cuda"):
            tensors["random.cuda"] = torch.cuda.get_rng_state(self._device)
        return tensors

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on from what ``state`` returned."""
        self._network.load_state_dict(_under("network.", tensors))
        if self._scored is not self._network:
            self._scored.load_state_dict(_under("average.", tensors))
        self._best = {n: v.to(self._device) for n, v in _under("best.", tensors).items()}
        self._objective.restore(_under("objective.", tensors))
        self._n_steps = int(tensors["steps"])
        for number, parameter in enumerate(self._trained if self._n_steps else ()):
            self._optimiser.state[parameter] = {
                name: tensors[f"{name}.{number}"].to(self._device) for name in _MOMENTS
            }
        self._generator.set_state(tensors["random.shuffling"])
        torch.set_rng_state(tensors["random.cpu"])
        if self._device.startswith("cuda"):
            torch.cuda.set_rng_state(tensors["random.cuda"], self._device)

    def _step(self) -> None:
        rules, loop = self.job.rules, self.job.loop
        if rules.largest_norm < math.inf:
            nn.utils.clip_grad_norm_(self._trained, rules.largest_norm)
        self._n_steps += 1
        per_epoch = self.job.steps_per_epoch
        share = rules.share_of_rate(
            self._n_steps, steps_per_epoch=per_epoch, n_steps=per_epoch * loop.epochs
        )
        for group in self._optimiser.param_groups:
            group["lr"] = loop.learning_rate * share
        self._optimiser.step()
        if self._scored is not self._network:
            for average, now in zip(
                self._scored.parameters(), self._network.parameters(), strict=True
            ):
                average.data.lerp_(now.data, 1 - rules.averaging)


def _adamw(trained: Sequence[nn.Parameter], job: NetworkJob) -> torch.optim.AdamW:
    # Scales, shifts and tokens are not decayed: zero is no better a place for them than any other.
    decayed = [parameter for parameter in trained if parameter.ndim > 1]
    others = [parameter for parameter in trained if parameter.ndim <= 1]
    groups = [
        {"params": decayed, "weight_decay": job.loop.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=job.loop.learning_rate, fused=True)


def _copy(network: nn.Module) -> dict[str, Tensor]:
    return {name: values.detach().clone() for name, values in network.state_dict().items()}


def _under(start: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {n.removeprefix(start): v for n, v in tensors.items() if n.startswith(start)}
