"""A small cohort of records with gaps; what counts is not linear in them."""

from dataclasses import replace

import numpy as np

from mmfeat.fusion.training.network_jobs import LoopOptions
from mmfeat.record_encoders import get_record_encoder
from mmfeat.record_encoders.contract import RecordTask
from mmfeat.tabular.column_inputs import ColumnInputs
from mmfeat.tabular.encoder import RecordEncoder
from mmfeat.tabular.records import RecordColumn, RecordTable

NETWORKS = ("plr", "ple", "ft-transformer", "tabm")
SHORT = LoopOptions(epochs=1, patience=1, batch_size=64, learning_rate=1e-3, weight_decay=0.0)


def small_records(n_cases=60, *, seed=0):
    """Return records, of whose last case nothing is known."""
    random = np.random.default_rng(seed)
    numbers = random.normal(size=(n_cases, 3))
    numbers[random.random((n_cases, 3)) < 0.1] = np.nan
    sexes = random.choice(np.array(["f", "m", None], dtype=object), n_cases, p=[0.5, 0.4, 0.1])
    numbers[-1], sexes[-1] = np.nan, None
    columns = {f"lab {n}": RecordColumn("numeric", values) for n, values in enumerate(numbers.T)}
    return RecordTable({**columns, "sex": RecordColumn("categorical", sexes)})


def inputs_of(records, train):
    """Return the inputs as fitted to some rows."""
    return ColumnInputs.of(RecordEncoder.fit(records, train), records)


def task_of(labels, *, n_train, n_val, kind="binary", n_outputs=1, n_patients=None):
    """Return a task whose first rows are the training part, and the next the validation part.

    Each case is of another patient where their number is not given; few patients make few inner
    folds, and so few networks.
    """
    return RecordTask(
        labels=labels,
        kind=kind,
        n_outputs=n_outputs,
        patient_ids=tuple(
            f"p{number % (n_patients or len(labels))}" for number in range(len(labels))
        ),
        train=np.arange(n_train),
        val=np.arange(n_train, n_train + n_val),
    )


def shortly_trained(name):
    """Return an encoder that trains for one epoch only."""
    return replace(get_record_encoder(name), loop=SHORT)
