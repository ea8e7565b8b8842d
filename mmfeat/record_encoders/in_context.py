"""Record encoders that are trained already: they see a record against the training part's."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mmfeat.errors import Interrupted, RecordError
from mmfeat.fusion.linear_models.inner_folds import inner_folds
from mmfeat.record_encoders.context_network import ContextNetwork, embed_in_contexts
from mmfeat.record_encoders.context_table import Context, table_of
from mmfeat.record_encoders.contract import EncodedRecords, RecordFitOptions, RecordTask
from mmfeat.record_encoders.fitted_in_context import FittedInContext
from mmfeat.record_encoders.packages import check_packages
from mmfeat.tabular.column_inputs import ColumnInputs
from mmfeat.tabular.principal_components import PrincipalComponents


@dataclass(frozen=True)
class InContextKind:
    """Embed records by a published network whose context is the training part.

    Nothing is trained but the principal components that are kept of the vectors. Where the network
    sees the labels of its context, a case of the training part is embedded against the inner folds
    of other patients, so that its vector has not seen its own label. The validation part is never
    in a context, and several labels have a context each. Numbers are shown as their quarters.
    """

    name: str
    summary: str
    packages: tuple[str, ...]
    extra: str
    open: Callable[[Path, str], ContextNetwork]
    """Opens the weights in a file, on a device."""

    def check_ready(self, weights: Path | None) -> None:
        """Raise RecordError unless the packages are installed and the weights are here."""
        check_packages(self.name, self.packages, extra=self.extra)
        self._weights_file(weights)

    def fit(
        self,
        inputs: ColumnInputs,
        task: RecordTask,
        *,
        options: RecordFitOptions,
        should_stop: Callable[[], bool],
    ) -> EncodedRecords:
        """Take the rows of ``task.train`` as context, and the components of their vectors.

        Raises:
            RecordError: No label differs between patients, or there are too many classes.
            Interrupted: ``should_stop`` said so.
        """
        network = self.open(self._weights_file(options.weights), options.device)
        rows = task.train
        table, labels = table_of(inputs)[rows], task.labels[rows]
        if network.sees_labels:
            folds = inner_folds([task.patient_ids[row] for row in rows], labels)
            labels = _quarters(labels) if task.kind == "regression" else labels
            labels = self._usable(labels, folds, network.most_classes)
        else:
            folds, labels = np.zeros(len(rows), np.int64), np.zeros((len(rows), 1))
        parts = {}
        for fold in np.unique(folds):
            if should_stop():
                raise Interrupted("the record encoder in the making is lost, others are kept")
            seen = (folds != fold) if network.sees_labels else (folds == fold)
            others = _contexts(table[seen], labels[seen])
            parts[fold] = embed_in_contexts(network, others, table[folds == fold])
        raw = np.empty((len(rows), parts[0].shape[1]), np.float32)
        for fold, vectors in parts.items():
            raw[folds == fold] = vectors
        space = PrincipalComponents.fit(raw)
        if not space.n_kept:
            raise RecordError("all records have one vector; give more columns, or other weights")
        encoder = FittedInContext(self.name, network, _contexts(table, labels), space)
        return EncodedRecords(encoder, rows, space.project(raw).astype(np.float32))

    def load(self, folder: Path, options: RecordFitOptions) -> FittedInContext:
        """Read what ``FittedInContext.save`` wrote, exactly.

        Raises:
            RecordError: The folder lacks a file, it is torn, or the weights are not here.
        """
        network = self.open(self._weights_file(options.weights), options.device)
        return FittedInContext.load(folder, self.name, network)

    def _weights_file(self, weights: Path | None) -> Path:
        if weights is None:
            raise RecordError(
                f"record encoder `{self.name}` needs its published weights, which are never "
                f"downloaded; name a local file: `encoder_weights: {{{self.name}: FILE}}`"
            )
        if not weights.is_file():
            raise RecordError(f"{weights}: no such file; it is to be the weights of `{self.name}`")
        return weights

    def _usable(
        self, labels: NDArray[np.float64], folds: NDArray[np.int64], most_classes: int
    ) -> NDArray[np.float64]:
        """Return the labels that differ, and that are known in two inner folds."""
        known = ~np.isnan(labels)
        usable = [
            len(np.unique(column[is_known])) > 1 and len(np.unique(folds[is_known])) > 1
            for column, is_known in zip(labels.T, known.T, strict=True)
        ]
        if not any(usable):
            raise RecordError(
                f"{len(labels)} labelled records of the training part, and no two patients with "
                "different labels among them; give more cases, or fewer folds"
            )
        n_classes = int(labels[known].max()) + 1
        if n_classes > most_classes:
            raise RecordError(
                f"`{self.name}` knows at most {most_classes} classes, and the target has "
                f"{n_classes}; take another encoder for it"
            )
        return labels[:, usable]


def _quarters(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return in which quarter of the known ones each number is, 0 to 3; NaN where unknown."""
    places = np.digitize(numbers, np.nanquantile(numbers, [0.25, 0.5, 0.75]))
    return np.where(np.isnan(numbers), np.nan, places)


def _contexts(table: NDArray[np.float32], labels: NDArray[np.float64]) -> tuple[Context, ...]:
    """Return the context of each label: the records for which it is known."""
    found = []
    for column in labels.T:
        known = ~np.isnan(column)
        found.append(Context(table[known], column[known].astype(np.float32)))
    return tuple(found)
