"""TabPFN (Hollmann and others, doi 10.1038/s41586-024-08328-6): what its transformer gives."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mmfeat.errors import RecordError, one_line
from mmfeat.record_encoders.checkpoint import Checkpoint, load_strictly, read_checkpoint
from mmfeat.record_encoders.context_table import Context
from mmfeat.record_encoders.in_context import InContextKind
from mmfeat.record_encoders.packages import import_package

_NAME = _EXTRA = "tabpfn"
_FIRST = "tabpfn_v2"
"""Architecture of checkpoints that name none."""
_RENAMED = {"base": "tabpfn_v2_5"}


@dataclass(frozen=True)
class TabPfnRows:
    """Embed rows by the transformer, as `TabPFNClassifier.get_embeddings` for test rows.

    The network standardises columns and marks gaps itself. The ensemble of preparations that the
    package puts before it is left out: one table in, one vector for each row out.
    """

    network: Any
    most_classes: int
    device: str
    sees_labels: bool = True

    def embed(self, context: Context, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `ContextNetwork.embed`."""
        # Columns that do not vary are left out by the network itself, but over all rows at once.
        used = context.varying if context.varying.any() else np.ones_like(context.varying)
        table = torch.from_numpy(np.concatenate([context.table, rows])[:, used]).to(self.device)
        labels = torch.from_numpy(context.labels).to(self.device)
        with torch.inference_mode():
            given = self.network(
                table[:, None],
                labels[:, None],
                only_return_standard_out=False,
                task_type="multiclass",
            )
        found: NDArray[np.float32] = given["test_embeddings"][:, 0].float().cpu().numpy()
        return found


def open_tabpfn(weights: Path, device: str) -> TabPfnRows:
    """Build the network that a checkpoint describes, with its tensors.

    Raises:
        RecordError: The package is missing, or the file is no checkpoint of a TabPFN classifier.
    """
    checkpoint = read_checkpoint(weights)
    network, most_classes = _network(checkpoint)
    if most_classes < 2:
        raise RecordError(f"{weights}: is TabPFN for regression; give that for classification")
    return TabPfnRows(load_strictly(network, checkpoint).to(device), most_classes, device)


def _network(checkpoint: Checkpoint) -> tuple[torch.nn.Module, int]:
    architectures = import_package("tabpfn.architectures", encoder=_NAME, extra=_EXTRA)
    name = _RENAMED.get(checkpoint.architecture or _FIRST, checkpoint.architecture or _FIRST)
    if name not in architectures.ARCHITECTURES:
        raise RecordError(
            f"{checkpoint.file}: is of the architecture `{name}`, which this tabpfn does not know "
            f"({', '.join(architectures.ARCHITECTURES)}); install the version it was made for"
        )
    architecture = architectures.ARCHITECTURES[name]
    try:
        config, _ = architecture.parse_config(dict(checkpoint.config))
        network: torch.nn.Module = architecture.get_architecture(config)
    except (TypeError, ValueError, RuntimeError, LookupError) as error:
        raise RecordError(
            f"{checkpoint.file}: its settings make no TabPFN ({one_line(error)}); give the file as "
            "it was published"
        ) from error
    return network, int(config.max_num_classes)


KIND = InContextKind(
    name=_NAME,
    summary="rows as TabPFN sees them against the training part; published weights, frozen",
    packages=("tabpfn",),
    extra=_EXTRA,
    open=open_tabpfn,
)
