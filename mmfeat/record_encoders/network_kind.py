"""Record encoders that are networks: fitted so that no case's vector has seen the case's label."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from mmfeat.errors import RecordError
from mmfeat.fusion.linear_models.inner_folds import inner_folds
from mmfeat.fusion.training.network_jobs import LoopOptions
from mmfeat.record_encoders.alignment import align
from mmfeat.record_encoders.blueprint import Blueprint
from mmfeat.record_encoders.cells import Cells
from mmfeat.record_encoders.contract import EncodedRecords, RecordFitOptions, RecordTask
from mmfeat.record_encoders.fitted_networks import FittedNetworks, Member
from mmfeat.record_encoders.packages import check_packages
from mmfeat.record_encoders.record_network import RecordNetwork, embedded_in_chunks
from mmfeat.record_encoders.training import LabelledCells, train_network
from mmfeat.tabular.column_inputs import ColumnInputs

EXTRA = "tabular"


@dataclass(frozen=True)
class NetworkKind:
    """Fit networks of one architecture.

    One network is trained for each inner fold of the patients, with the other inner folds, and
    stopped early on its own. Their embeddings are brought into one space and averaged. A case of
    the training or validation part gets the vector of the one network that has not seen its
    patient, so that heads, which are fitted on these vectors, believe them as much as they may
    believe those of new cases.
    """

    name: str
    summary: str
    packages: tuple[str, ...]
    loop: LoopOptions
    build: Callable[[Blueprint], RecordNetwork]
    n_networks: int = 5
    """Networks, and inner folds; fewer where one takes long."""
    extra: str = EXTRA

    def check_ready(self, weights: Path | None) -> None:
        """Raise RecordError unless the packages are installed and no weights are given."""
        check_packages(self.name, self.packages, extra=self.extra)
        if weights is not None:
            raise RecordError(
                f"record encoder `{self.name}` is trained from nothing; "
                "take its `encoder_weights` out of the settings"
            )

    def fit(
        self,
        inputs: ColumnInputs,
        task: RecordTask,
        *,
        options: RecordFitOptions,
        should_stop: Callable[[], bool],
    ) -> EncodedRecords:
        """Fit to the rows of ``task.train`` and ``task.val``, and to no others.

        Raises:
            RecordError: There are fewer than two patients, or no two labels differ.
            Interrupted: ``should_stop`` said so.
        """
        rows = np.union1d(task.train, task.val)
        labels = task.labels[rows]
        patients = [task.patient_ids[row] for row in rows]
        folds = inner_folds(patients, labels, n_folds=self.n_networks)
        _check_learnable(task, rows, folds)
        learnt = inputs.taken(rows)
        blueprint = Blueprint.of(inputs, rows, n_outputs=task.n_outputs)
        labelled = LabelledCells(
            Cells.of(learnt, options.device),
            torch.from_numpy(labels.astype(np.float32)).to(options.device),
        )
        loop = replace(self.loop, epochs=min(self.loop.epochs, options.most_epochs))
        networks = [
            train_network(
                partial(self.build, blueprint),
                labelled.part(np.flatnonzero(folds != fold)),
                labelled.part(np.flatnonzero(folds == fold)),
                blueprint=blueprint,
                kind=task.kind,
                loop=loop,
                seed=options.seed,  # all start from the same weights, so spaces lie near each other
                should_stop=should_stop,
            )
            for fold in np.unique(folds)
        ]
        cells = Cells.of(learnt)
        embedded = [embedded_in_chunks(network, cells).numpy() for network in networks]
        spaces = align(embedded, [folds != fold for fold in np.unique(folds)])
        vectors = np.empty(embedded[0].shape, np.float32)
        for fold, space, one in zip(np.unique(folds), spaces, embedded, strict=True):
            vectors[folds == fold] = space.map(one[folds == fold])
        members = tuple(map(Member, networks, spaces))
        return EncodedRecords(FittedNetworks(self.name, blueprint, members), rows, vectors)

    def load(self, folder: Path, options: RecordFitOptions) -> FittedNetworks:  # noqa: ARG002
        """Read what ``FittedNetworks.save`` wrote, exactly.

        Raises:
            RecordError: The folder lacks a file, or it is torn.
        """
        return FittedNetworks.load(folder, self.name, self.build)


def _check_learnable(task: RecordTask, rows: np.ndarray, folds: np.ndarray) -> None:
    labels = task.labels[rows]
    if not any(len(np.unique(column[~np.isnan(column)])) > 1 for column in labels.T):
        raise RecordError(
            f"{len(rows)} labelled records and at most one class among them; "
            "give more cases, or fewer folds"
        )
    if len(np.unique(folds)) < 2:
        raise RecordError("all labelled records are of one patient; give more patients")
