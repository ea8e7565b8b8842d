"""The methods as a classifier of scikit-learn: arrays in, probabilities out."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from mmfeat.errors import TrainError
from mmfeat.estimators.blocks import Block, Columns, Values, cut, describe, table_of
from mmfeat.estimators.fitted_fold import FittedFold
from mmfeat.estimators.parts import Rows, cross_fitted_parts, single_part
from mmfeat.estimators.saved_classifier import restore_classifier, save_classifier
from mmfeat.feature_table import FeatureTable, FittedFeatures
from mmfeat.fusion import get_method
from mmfeat.fusion.cell_dropout import cell_dropouts
from mmfeat.fusion.contract import FitOptions, FoldData, Head, Method
from mmfeat.fusion.task import Task
from mmfeat.fusion.training.running import HeadRequest, fit_head, fit_heads
from mmfeat.stages.training.device import few_threads, training_device
from mmfeat.tabular.scaling import ScalingName

Array = NDArray[np.float64]


class MultimodalClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # has no types
    """Classify cases that have any of several modalities, by a method of mmfeat.

    The rows are divided into ``cv`` parts. Each part is once the validation part by which networks
    stop, and the heads of all of them answer together, by the mean. Methods that need no network
    choose on inner folds themselves, and are fitted once.

    What ``fit`` and ``predict`` take as ``X``:

    - a mapping from the names of modalities to arrays ``(rows, width)`` or tables with the same
      rows;
    - an array or table, and ``modalities`` says which columns are of which modality;
    - an array or table alone: one modality.

    A modality is absent in a row where all its values are NaN. An array of numbers is a vector,
    such as an embedding, which is there or not; so are columns of numbers of a table that
    ``modalities`` cuts. All other tables, and whatever is named in ``records``, are records, whose
    cells can be missing one by one, and may be numbers, categories, or yes and no.

    Args:
        method: A method as `mmfeat methods` lists them; not those that pool sets by attention.
        modalities: For each modality its columns of ``X``: a slice, numbers or names.
        records: Modalities whose cells can be missing one by one.
        cv: Parts of the rows; None for one division, with ``validation_fraction``.
        validation_fraction: Share of the validation part where ``cv`` is None.
        n_seeds: Heads for each part, whose answers are averaged.
        scaling: How numbers of records are scaled.
        epochs: Most passes of networks; this and what follows as in `train` of the settings.
        patience: Networks stop when the validation part has not improved for so many epochs.
        batch_size: Rows in one step.
        learning_rate: Step size of AdamW.
        weight_decay: Decoupled weight decay.
        dropout: Share of hidden units that is hidden in each step.
        cell_dropout: Largest share of a record's cells that is hidden in training.
        contrastive_epochs: Passes of the contrastive stage of methods that have one.
        device: Where networks are trained: `auto`, `cpu`, `cuda`, ...
        random_state: Seed, or a generator of numpy; None takes the one of numpy.

    Attributes:
        classes_: The classes, sorted.
        modalities_: The names of the modalities, in order.
        blocks_: For each of them, how wide its vectors are, or of what kind its columns.
        folds_: What was fitted to each division, with its heads.
        n_features_in_: Number of columns, where ``X`` is one array or table.
        feature_names_in_: Their names, where ``X`` is a table.

    Example:
        >>> random = np.random.default_rng(0)
        >>> image, record = random.standard_normal((60, 5)), random.standard_normal((60, 2))
        >>> y = image[:, 0] + record[:, 0] > 0
        >>> image[:10] = np.nan  # ten cases without a scan
        >>> model = MultimodalClassifier("average").fit({"ct": image, "labs": record}, y)
        >>> model.predict_proba({"ct": image, "labs": record}).shape
        (60, 2)
    """

    def __init__(
        self,
        method: str = "mmfeat",
        *,
        modalities: Mapping[str, Columns] | None = None,
        records: Sequence[str] = (),
        cv: int | None = 5,
        validation_fraction: float = 0.2,
        n_seeds: int = 1,
        scaling: ScalingName = "standard",
        epochs: int = 100,
        patience: int = 15,
        batch_size: int = 256,
        learning_rate: float = 1e-3,
        weight_decay: float = 1e-2,
        dropout: float = 0.2,
        cell_dropout: float = 0.75,
        contrastive_epochs: int = 20,
        device: str = "cpu",
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.method = method
        self.modalities = modalities
        self.records = records
        self.cv = cv
        self.validation_fraction = validation_fraction
        self.n_seeds = n_seeds
        self.scaling = scaling
        self.epochs = epochs
        self.patience = patience
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.dropout = dropout
        self.cell_dropout = cell_dropout
        self.contrastive_epochs = contrastive_epochs
        self.device = device
        self.random_state = random_state

    def fit(
        self,
        X: Any,  # noqa: ANN401, N803 - as scikit-learn calls it
        y: ArrayLike,
        groups: ArrayLike | None = None,
    ) -> Self:
        """Fit the heads.

        Args:
            X: The modalities; see the class.
            y: The class of each row.
            groups: The patient of each row, so that all rows of one are on the same side.

        Raises:
            ValueError: Rows cannot be learnt from, or an argument is wrong.
        """
        method = self._checked_method()
        blocks = self._blocks(X, reset=True)
        labels = self._labels(y, len(next(iter(blocks.values()))))
        self.blocks_: dict[str, Block] = describe(blocks, self.records)
        table = table_of(blocks, self.blocks_, groups=groups)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        try:
            with few_threads(len(table)):
                self.folds_ = [
                    self._fit_fold(method, table, labels, parts, seed)
                    for parts in self._parts(method, table, labels, seed)
                ]
        except TrainError as error:
            raise ValueError(str(error)) from error
        self.modalities_ = table.modalities
        return self

    def predict_proba(self, X: Any) -> Array:  # noqa: ANN401, N803
        """Return the probability of each class: ``(rows, classes)``, in the order of `classes_`."""
        check_is_fitted(self, "folds_")
        table = table_of(self._blocks(X, reset=False), self.blocks_)
        found = []
        for fold in self.folds_:
            features = fold.features.transform(table)
            found += [head.predict(features, table.present) for head in fold.heads]
        answers = np.mean(found, axis=0)
        if len(self.classes_) > 2:
            return np.asarray(answers / answers.sum(axis=1, keepdims=True))
        return np.hstack([1.0 - answers, answers])

    def predict(self, X: Any) -> NDArray[Any]:  # noqa: ANN401, N803
        """Return the likeliest class of each row."""
        likeliest = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[likeliest])

    def save(self, folder: str | Path, *, overwrite: bool = False) -> None:
        """Write the fitted classifier as JSON and safetensors, nothing pickled.

        Args:
            folder: Where to; must not be there.
            overwrite: Replace a classifier that is there.

        Raises:
            TrainError: The folder is in use.
        """
        check_is_fitted(self, "folds_")
        save_classifier(self, Path(folder), overwrite=overwrite)

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Read what `save` wrote; it answers as before, bit for bit.

        Raises:
            TrainError: The folder is none, or damaged.
        """
        found = cls()
        restore_classifier(found, Path(folder))
        return found

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 - of a type that scikit-learn does not export
        """Say whether NaN may be there: of one modality that is a vector, none can be absent."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self._may_have_gaps
        return tags

    @property
    def _may_have_gaps(self) -> bool:
        return self.modalities is not None or bool(self.records)

    def _checked_method(self) -> Method:
        for name, least in (("n_seeds", 1), ("epochs", 1), ("patience", 1), ("batch_size", 1)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}, got {getattr(self, name)}")
        if self.cv is not None and self.cv < 2:
            raise ValueError(f"cv must be 2 or more, or None for one division, got {self.cv}")
        if not 0 < self.validation_fraction < 1:
            raise ValueError(
                f"validation_fraction must be between 0 and 1, got {self.validation_fraction}"
            )
        try:
            method = get_method(self.method)
        except TrainError as error:
            raise ValueError(str(error)) from error
        if method.reads_sets:
            raise ValueError(
                f"method `{self.method}` reads sets of scans or tokens, which arrays do not hold"
            )
        return method

    def _blocks(self, x: Any, *, reset: bool) -> dict[str, Values]:  # noqa: ANN401
        """Return the columns of each modality, after the checks that scikit-learn makes."""
        if isinstance(x, Mapping) and not issparse(x):  # one kind of sparse matrix is a mapping
            return cut(x, self.modalities, self.records)
        whole = self.modalities is None
        checked = validate_data(
            self,
            x,
            reset=reset,
            dtype="numeric" if whole else None,
            ensure_all_finite="allow-nan" if self._may_have_gaps and whole else whole,
        )
        if hasattr(x, "iloc") and not whole:  # a table keeps the kinds of its columns
            return cut(x, self.modalities, self.records)
        return cut(checked, self.modalities, self.records)

    def _labels(self, y: ArrayLike, n_rows: int) -> NDArray[np.int64]:
        if y is None:
            raise ValueError("requires y to be passed, but the target y is None")
        values = column_or_1d(y, warn=True)
        check_classification_targets(values)
        if len(values) != n_rows:
            raise ValueError(f"X has {n_rows} rows and y has {len(values)}")
        self.classes_, labels = np.unique(values, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"y has 1 class only ({self.classes_[0]!r}); there is nothing to learn"
            )
        return labels.astype(np.int64)

    def _parts(
        self, method: Method, table: FeatureTable, labels: NDArray[np.int64], seed: int
    ) -> list[tuple[Rows, Rows]]:
        """Return the divisions; one is enough where a method chooses on inner folds itself."""
        groups, split_seed = table.patient_ids, seed % 2**31
        if self.cv is None or not method.uses_seed:
            share = self.validation_fraction
            return [single_part(labels, groups, val_share=share, seed=split_seed)]
        return cross_fitted_parts(labels, groups, n_folds=self.cv, seed=split_seed)

    def _fit_fold(
        self,
        method: Method,
        table: FeatureTable,
        labels: NDArray[np.int64],
        parts: tuple[Rows, Rows],
        seed: int,
    ) -> FittedFold:
        train, val = parts
        scaling: dict[str, ScalingName] = dict.fromkeys(table.records, self.scaling)
        features = FittedFeatures.fit(table, train, scaling=scaling)
        n_classes = len(self.classes_)
        task = Task.single("binary") if n_classes == 2 else Task.single("multiclass", n_classes)
        data = FoldData(
            features=features.transform(table),
            present=table.present,
            labels=labels[:, None].astype(np.float64),
            task=task,
            patient_ids=table.patient_ids,
            train=train,
            val=val,
            cell_dropout=cell_dropouts(features, self.cell_dropout),
            records=frozenset(table.records),
        )
        seeds = [seed + number for number in range(self.n_seeds if method.uses_seed else 1)]
        return FittedFold(features, self._fit_heads(method, data, seeds))

    def _fit_heads(self, method: Method, data: FoldData, seeds: Sequence[int]) -> tuple[Head, ...]:
        options = FitOptions(
            **{name: getattr(self, name) for name in _OPTIONS},
        )
        device = training_device(self.device)
        if not device.startswith("cuda"):
            return tuple(
                fit_head(method, data, seed=seed, options=options, device=device) for seed in seeds
            )
        found: dict[str, Head] = {}
        failed: list[TrainError] = []
        fit_heads(
            [HeadRequest(str(seed), method, data, seed, options) for seed in seeds],
            on_finished=lambda request, head: found.update({request.name: head}),
            on_failed=lambda _, error: failed.append(error),
            device=device,
        )
        if failed:
            raise failed[0]
        return tuple(found[str(seed)] for seed in seeds)


_OPTIONS = (
    "epochs",
    "patience",
    "batch_size",
    "learning_rate",
    "weight_decay",
    "dropout",
    "contrastive_epochs",
)
"""Arguments that are numbers of the training of networks."""
