"""Train a stack step by step and compiled, and compare: python -m ... BACKEND.

A program of its own, as the compiler cannot read functions that the checks of tests have wrapped.
The backend ``aot_eager`` is all of it but for the machine code, which takes minutes here.
"""

import sys
from dataclasses import replace
from functools import partial

import numpy as np
import torch

from mmfeat.errors import TrainError
from mmfeat.fusion.contract import FoldData
from mmfeat.fusion.stacked.paper_stack import PaperArchitecture
from mmfeat.fusion.stacked.training import train_stack
from mmfeat.fusion.task import Task
from mmfeat.fusion.training.network_jobs import LoopOptions, NetworkJob, StackOptions
from mmfeat.fusion.training.running import never
from mmfeat.fusion.views import training_views

N_CASES, N_TRAIN = 90, 60
PATIENT = LoopOptions(epochs=4, patience=9, batch_size=16, learning_rate=1e-2, weight_decay=1e-2)
LEAVES_EARLY = replace(PATIENT, epochs=2)


def main() -> int:
    torch.set_num_threads(1)
    torch.compile = partial(torch.compile, backend=sys.argv[1])
    jobs = made_up_jobs()
    try:
        compiled, plain = (
            train_stack(
                jobs,
                options=StackOptions("float64", compiles=compiles, heads_at_once=len(jobs)),
                device="cpu",
                should_stop=never,
            )
            for compiles in (True, False)
        )
    except TrainError as error:
        sys.stdout.write(f"error: {error}\n")
        return 2
    worst = max(
        float((one.state[name] - other.state[name]).abs().max())
        for one, other in zip(compiled, plain, strict=True)
        for name in one.state
    )
    sys.stdout.write(f"{worst}\n")
    return 0


def made_up_jobs() -> list[NetworkJob]:
    """Three heads with rates of their own, of which one leaves before the others."""
    random = np.random.default_rng(0)
    features = {
        name: random.standard_normal((N_CASES, width), dtype=np.float32)
        for name, width in (("a", 6), ("b", 3))
    }
    present = random.random((N_CASES, 2)) > 0.2
    present[~present.any(axis=1), 0] = True
    labels = (features["a"][:, :1] + random.standard_normal((N_CASES, 1)) > 0).astype(float)
    rows = np.arange(N_CASES)
    data = FoldData(
        features,
        present,
        labels,
        Task.single("binary"),
        tuple(f"patient-{row}" for row in rows),
        rows[:N_TRAIN],
        rows[N_TRAIN:],
    )
    return [
        NetworkJob(
            f"head-{number}",
            PaperArchitecture((6, 3), 1),
            data=data,
            seed=number,
            train=rows[: N_TRAIN - 10 * number],
            val=rows[N_TRAIN:],
            views=training_views(2, seed=0),
            loop=LEAVES_EARLY if number == 1 else PATIENT,
            dropout=0.2 * number,
        )
        for number in range(3)
    ]


if __name__ == "__main__":
    sys.exit(main())
