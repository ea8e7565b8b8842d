"""TabICL (Qu and others, arXiv 2502.05564 and 2602.11139): what its row interaction gives."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mmfeat.errors import RecordError, one_line
from mmfeat.record_encoders.checkpoint import load_strictly, read_checkpoint
from mmfeat.record_encoders.context_table import Context
from mmfeat.record_encoders.in_context import InContextKind
from mmfeat.record_encoders.packages import import_package

_NAME = _EXTRA = "tabicl"
_OUTLIERS_FROM_SD = 4.0
"""As TabICLClassifier does by default."""


@dataclass(frozen=True)
class TabIclRows:
    """Embed rows by the stages before the in-context learner: columns, then rows.

    Columns are standardised and outliers drawn in as by TabICL's own pipeline without a further
    normalisation; unknown numbers are their mean, as there.
    """

    network: Any
    device: str

    @property
    def sees_labels(self) -> bool:
        """Whether columns are embedded with the labels in sight, as of version 2."""
        return bool(self.network.col_target_aware)

    @property
    def most_classes(self) -> int:
        """Classes that it embeds at once."""
        return int(self.network.max_classes)

    def embed(self, context: Context, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `ContextNetwork.embed`."""
        used = context.varying if context.varying.any() else np.ones_like(context.varying)
        table = np.concatenate([context.table, rows])
        table = np.where(np.isnan(table), context.means, table)[:, used].astype(np.float64)
        n_seen = len(context.table)
        pipeline = _package("_sklearn.preprocessing").PreprocessingPipeline(
            normalization_method="none", outlier_threshold=_OUTLIERS_FROM_SD
        )
        pipeline.fit(table[:n_seen])
        scaled = torch.from_numpy(pipeline.transform(table)).float().to(self.device)
        labels = torch.from_numpy(context.labels).to(self.device)
        inference = _package("").InferenceConfig()
        plain = {"device": self.device, "use_amp": False, "use_fa3": False, "offload": False}
        with torch.inference_mode():
            columns = self.network.col_embedder(
                scaled[None], y_train=labels[None], mgr_config=inference.COL_CONFIG.update(plain)
            )  # (1, rows, columns + cls, dim)
            vectors = self.network.row_interactor(
                columns, mgr_config=inference.ROW_CONFIG.update(plain)
            )
        found: NDArray[np.float32] = vectors[0, n_seen:].float().cpu().numpy()
        return found


def open_tabicl(weights: Path, device: str) -> TabIclRows:
    """Build the network that a checkpoint describes, with its tensors.

    Raises:
        RecordError: The package is missing, or the file is no checkpoint of a TabICL classifier.
    """
    checkpoint = read_checkpoint(weights)
    try:
        network = _package("_model.tabicl").TabICL(**checkpoint.config)
    except (TypeError, ValueError, RuntimeError, AttributeError) as error:
        raise RecordError(
            f"{weights}: its settings make no TabICL ({one_line(error)}); give the checkpoint of "
            "a TabICL classifier"
        ) from error
    if network.max_classes < 2:
        raise RecordError(f"{weights}: is TabICL for regression; give that for classification")
    return TabIclRows(load_strictly(network, checkpoint).to(device), device)


def _package(module: str) -> Any:  # noqa: ANN401 - a module of the package
    name = f"tabicl.{module}" if module else "tabicl"
    return import_package(name, encoder=_NAME, extra=_EXTRA)


KIND = InContextKind(
    name=_NAME,
    summary="rows as TabICL sees them against the training part; published weights, frozen",
    packages=("tabicl",),
    extra=_EXTRA,
    open=open_tabicl,
)
