"""New cases as every fold's heads take them: scaled and encoded once, whatever is then asked."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from mmfeat.feature_table import FeatureTable, FittedFeatures
from mmfeat.fusion.contract import Features, Sets
from mmfeat.stages.training.target_features import TargetFeatures


class ReadyCases:
    """Keep the arrays of some cases, made when they are first needed.

    Args:
        table: The features and records of the cases.
        fitted: For each fold what its features were fitted to.
        encoders: Opens the encoders of a fold and task, by its number and key.
        reads_sets: Whether heads read the sets of scans or tokens.
    """

    def __init__(
        self,
        table: FeatureTable,
        fitted: Mapping[int, FittedFeatures],
        encoders: Callable[[int, str], TargetFeatures],
        *,
        reads_sets: bool,
    ) -> None:
        self.table = table
        self._fitted = fitted
        self._encoders = encoders
        self._reads_sets = reads_sets
        self._plain: dict[int, Features] = {}
        self._encoded: dict[tuple[int, str], Features] = {}
        self._sets: dict[int, Sets] = {}

    def __len__(self) -> int:
        """Return the number of cases."""
        return len(self.table)

    @property
    def present(self) -> NDArray[np.bool_]:
        """Say what the cases have: ``(cases, modalities)``."""
        return self.table.present

    def features(self, fold: int, task_name: str) -> Features:
        """Return what the heads of a fold and task take, for each modality ``(cases, width)``.

        Raises:
            TrainError: The table has other modalities or widths than those trained on.
        """
        encoded = self._encoders(fold, task_name)
        if not encoded.encoders:  # the same for all tasks
            if fold not in self._plain:
                self._plain[fold] = self._fitted[fold].transform(self.table)
            return self._plain[fold]
        if (fold, task_name) not in self._encoded:
            self._encoded[fold, task_name] = encoded.transform(self.table)
        return self._encoded[fold, task_name]

    def sets(self, fold: int) -> Sets:
        """Return the scaled sets of scans or tokens; none where heads do not read them."""
        if not self._reads_sets:
            return {}
        if fold not in self._sets:
            self._sets[fold] = self._fitted[fold].transform_sets(self.table)
        return self._sets[fold]
