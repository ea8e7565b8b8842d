"""Extraction of 100,000 and 10,000,000 scans on paper: hours, files, bytes, and what trouble costs.

    python benchmarks/scaling.py [--repeats 50] [--seed 0] [--price 2.50]

What a scan costs was measured (docs/scaling.md says where); this works out from it what many cost
on many GPUs, where nodes differ in speed, are taken away, and every share of the work has to start
by looking at the whole cohort. No scan is read; seconds are those of the simulated clock.
"""

import argparse
import heapq
from dataclasses import dataclass
from math import ceil, inf

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
SIZE_SIGMA = 0.45
"""Of the logarithm of a scan's size: 99 of 100 lie within a factor of ten."""
START_S = 30.0
"""Python, torch, weights and the first batch."""
PLAN_S_A_SCAN = 300e-6
"""Of every start, for each scan of the cohort: its row, its stat, its feature if it has one."""
PLAN_BYTES_A_SCAN = 3_500
"""Memory of a process for the same."""
SCAN_GB = 0.08
"""Of a chest CT of 300 slices, compressed without loss to half."""
ROW_BYTES = 1_200
"""Of a scan in the cache, beside the feature."""
HOUR_S = 3600.0


@dataclass(frozen=True)
class Encoder:
    """What one chest CT of 512 x 512 x 300 costs, measured."""

    name: str
    width: int
    device_s: float
    read_core_s: float = 2.9
    """Core-seconds to read, digest, decode, judge and prepare it."""

    def seconds(self, cores: int) -> float:
        """Seconds a scan with so many reading threads for each GPU; both work at once."""
        return max(self.device_s, self.read_core_s / cores)


CT_FM = Encoder("ct-fm", 512, 0.16)
MERLIN = Encoder("merlin", 2048, 0.06)
MERLIN_J2K = Encoder("merlin, JPEG 2000", 2048, 0.06, read_core_s=12.5)


@dataclass(frozen=True)
class Trouble:
    """How a cluster differs from the ideal one."""

    name: str
    speed_sd: float = 0.03
    slow: tuple[tuple[float, float], ...] = ()
    """Parts of the workers and how many times as long they take."""
    preempted_every_s: float = inf
    """Mean time until a GPU is taken away."""
    away_s: float = 600.0
    """Mean time until it comes back."""
    requeued_s: float = 60.0
    """Until the share can be begun again, by whichever worker is free."""
    without_notice: float = 0.2
    """Part of the times in which no signal comes, so that what is not stored yet is lost."""

    @property
    def is_preemptible(self) -> bool:
        """Whether GPUs are taken away at all."""
        return self.preempted_every_s < inf

    def slowness(self, n_workers: int, random: np.random.Generator) -> Array:
        """Draw how many times as long each worker takes."""
        parts, factors = zip(*self.slow, strict=True) if self.slow else ((), ())
        kinds = random.choice([*factors, 1.0], n_workers, p=[*parts, 1 - sum(parts)])
        return kinds * np.exp(self.speed_sd * random.standard_normal(n_workers))


ALIKE = Trouble("nodes alike")
SLOW = Trouble("5 % take twice, 1 % five times as long", slow=((0.05, 2.0), (0.01, 5.0)))
SPOT = Trouble("the same, GPUs taken away every 4 h", slow=SLOW.slow, preempted_every_s=4 * HOUR_S)


@dataclass(frozen=True)
class Outcome:
    """What became of a simulated extraction."""

    elapsed_s: float
    busy_s: float
    """Of all workers, from the start of a share to its end or interruption."""
    n_restarts: int


def shard_work(n_scans: int, n_shards: int, random: np.random.Generator) -> Array:
    """Return the work of each shard in mean scans, dealt as `WorkShard.pick` deals: to and fro."""
    sizes = np.sort(random.lognormal(-(SIZE_SIGMA**2) / 2, SIZE_SIGMA, n_scans))[::-1]
    turn, seat = np.divmod(np.arange(n_scans), n_shards)
    owner = np.where(turn % 2, n_shards - 1 - seat, seat)
    return np.bincount(owner, weights=sizes, minlength=n_shards)


def simulate(
    work_s: Array,
    n_workers: int,
    trouble: Trouble,
    random: np.random.Generator,
    *,
    start_s: float,
    stored_every_s: float = 60.0,
) -> Outcome:
    """Let workers take shards in their order; who is interrupted hands the rest to the next one."""
    slowness = trouble.slowness(n_workers, random)
    waiting = [(0.0, number, left) for number, left in enumerate(work_s)]
    free = [(0.0, worker) for worker in range(n_workers)]
    heapq.heapify(free)
    end_s = busy_s = 0.0
    n_restarts = 0
    while waiting:
        ready_at, number, left = heapq.heappop(waiting)
        free_at, worker = heapq.heappop(free)
        begin = max(ready_at, free_at)
        needed = start_s + left * slowness[worker]
        until = random.exponential(trouble.preempted_every_s) if trouble.is_preemptible else inf
        if until >= needed:
            end_s, busy_s = max(end_s, begin + needed), busy_s + needed
            heapq.heappush(free, (begin + needed, worker))
            continue
        lost = random.random() < trouble.without_notice
        stored = until - start_s - (random.uniform(0, stored_every_s) if lost else 0.0)
        left -= max(stored, 0.0) / slowness[worker]
        busy_s, n_restarts = busy_s + until, n_restarts + 1
        heapq.heappush(waiting, (begin + until + trouble.requeued_s, number, left))
        heapq.heappush(free, (begin + until + random.exponential(trouble.away_s), worker))
    return Outcome(end_s, busy_s, n_restarts)


@dataclass(frozen=True)
class Plan:
    """How an extraction is cut."""

    encoder: Encoder
    n_scans: int
    n_gpus: int
    shards_a_gpu: int
    cores: int = 16
    """For each GPU."""
    n_projects: int = 1
    """Settings files, each with its part of the cohort."""

    @property
    def n_shards(self) -> int:
        """Of all projects."""
        return self.shards_a_gpu * self.n_gpus

    @property
    def start_s(self) -> float:
        """Seconds of every start."""
        return START_S + PLAN_S_A_SCAN * self.n_scans / self.n_projects

    @property
    def ideal_s(self) -> float:
        """Seconds if nothing but scans took time, and all GPUs ended at once."""
        return self.n_scans * self.encoder.seconds(self.cores) / self.n_gpus

    def outcomes(self, trouble: Trouble, *, repeats: int, seed: int) -> list[Outcome]:
        """Simulate it several times."""
        random = np.random.default_rng(seed)
        work_s = shard_work(self.n_scans, self.n_shards, random) * self.encoder.seconds(self.cores)
        return [
            simulate(work_s, self.n_gpus, trouble, random, start_s=self.start_s)
            for _ in range(repeats)
        ]


def n_files(plan: Plan, *, shard_cases: int = 64, shard_seconds: float = 60.0) -> int:
    """Return how many files the cache has before it is compacted."""
    at_once = min(shard_cases, max(1.0, shard_seconds / plan.encoder.seconds(plan.cores)))
    return plan.n_shards * ceil(plan.n_scans / plan.n_shards / at_once)


def row(plan: Plan, trouble: Trouble, *, repeats: int, seed: int, price: float) -> str:
    """Return one line of the table of hours."""
    outcomes = plan.outcomes(trouble, repeats=repeats, seed=seed)
    elapsed_h = np.array([one.elapsed_s for one in outcomes]) / HOUR_S
    busy_h = np.mean([one.busy_s for one in outcomes]) / HOUR_S
    cells = [
        f"{plan.n_scans:,}" + (f" in {plan.n_projects} projects" if plan.n_projects > 1 else ""),
        f"{plan.n_gpus} x {plan.shards_a_gpu}",
        trouble.name,
        f"{plan.ideal_s / HOUR_S:.2f}",
        f"{np.median(elapsed_h):.2f}",
        f"{np.quantile(elapsed_h, 0.95):.2f}",
        f"{busy_h:,.0f}",
        f"{np.mean([one.n_restarts for one in outcomes]):,.0f}",
        f"{plan.n_gpus * np.median(elapsed_h) * price:,.0f}",
    ]
    return "| " + " | ".join(cells) + " |"


HOURS_HEAD = (
    "| scans | GPUs x shards each | trouble | ideal, h | median, h | 95 %, h | GPU-h busy "
    "| restarts | cost |"
)
TROUBLES = (ALIKE, SLOW, SPOT)
SMALL = Plan(MERLIN, 100_000, 8, 4)
LARGE = Plan(MERLIN, 10_000_000, 64, 4)
SPLIT = Plan(MERLIN, 10_000_000, 64, 16, n_projects=100)


def hours(repeats: int, seed: int, price: float) -> list[str]:
    """Return hours and cost of each plan under each trouble."""
    lines = [HOURS_HEAD, "|--:|--:|---|--:|--:|--:|--:|--:|--:|"]
    for plan in (SMALL, LARGE, SPLIT):
        for trouble in TROUBLES:
            lines.append(row(plan, trouble, repeats=repeats, seed=seed, price=price))
    return lines


def shards(repeats: int, seed: int) -> list[str]:
    """Return how many times the ideal hours it takes, by the number of shards for each GPU."""
    counts = (1, 2, 4, 8, 16, 32)
    names = " | ".join(f"{count} a GPU" for count in counts)
    lines = [f"| scans, GPUs | trouble | {names} |", "|---|---|" + "--:|" * len(counts)]
    for n_scans, n_gpus, n_projects in ((100_000, 8, 1), (1_000_000, 64, 10)):
        for trouble in TROUBLES:
            cells = []
            for count in counts:
                plan = Plan(MERLIN, n_scans, n_gpus, count, n_projects=n_projects)
                outcomes = plan.outcomes(trouble, repeats=repeats, seed=seed)
                ratio = np.median([one.elapsed_s for one in outcomes]) / plan.ideal_s
                cells.append(f"{ratio:.2f}")
            lines.append(f"| {n_scans:,}, {n_gpus} | {trouble.name} | {' | '.join(cells)} |")
    return lines


def sizes() -> list[str]:
    """Return what planning and storing ask for."""
    lines = [
        "| scans | encoder | cache, GB | memory to compact it, GB | files | with 1,024 cases or "
        "600 s | one start, s | its memory, GB | looks at scans by all shards |",
        "|--:|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for plan in (SMALL, Plan(CT_FM, 100_000, 8, 4), LARGE, SPLIT):
        feature_bytes = 4 * plan.encoder.width
        of_project = plan.n_scans / plan.n_projects
        cells = [
            f"{plan.n_scans:,}" + (f" / {plan.n_projects}" if plan.n_projects > 1 else ""),
            plan.encoder.name,
            f"{plan.n_scans * (ROW_BYTES + feature_bytes) / 1e9:,.1f}",
            f"{2 * of_project * feature_bytes / 1e9:,.1f}",
            f"{n_files(plan):,}",
            f"{n_files(plan, shard_cases=1024, shard_seconds=600):,}",
            f"{plan.start_s:,.0f}",
            f"{of_project * PLAN_BYTES_A_SCAN / 1e9:.1f}",
            f"{plan.n_shards * of_project / 1e6:,.0f} million",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def rates() -> list[str]:
    """Return what one GPU takes from the disk and from the cores."""
    lines = [
        "| encoder | cores a GPU | scans a second | GPU busy | from disk, GB/s for 64 GPUs |",
        "|---|--:|--:|--:|--:|",
    ]
    for encoder in (CT_FM, MERLIN, MERLIN_J2K):
        for cores in (8, 16, 48):
            rate = 1 / encoder.seconds(cores)
            lines.append(
                f"| {encoder.name} | {cores} | {rate:.1f} | {rate * encoder.device_s:.0%} | "
                f"{64 * rate * SCAN_GB:.0f} |"
            )
    return lines


def main() -> None:
    """Print the tables of docs/scaling.md."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--price", type=float, default=2.50, help="of one GPU for an hour")
    given = parser.parse_args()
    tables = (
        rates(),
        hours(given.repeats, given.seed, given.price),
        shards(given.repeats, given.seed),
        sizes(),
    )
    print("\n\n".join("\n".join(lines) for lines in tables))


if __name__ == "__main__":
    main()
