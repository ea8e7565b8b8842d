"""A finished run in Python: tables or arrays in, predictions out."""

import difflib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from mmfeat.config.modalities import TableModality
from mmfeat.errors import CohortError, FeaturesError
from mmfeat.feature_table import FeatureTable
from mmfeat.manifest.fault_list import refuse
from mmfeat.manifest.text_frames import text_frame
from mmfeat.progress import Silent
from mmfeat.stages.predicting.new_cases import new_cases_of
from mmfeat.stages.predicting.predict import PredictOptions, predict, predict_table
from mmfeat.stages.predicting.run_model import RunModel
from mmfeat.stages.text_columns import embed_text_columns
from mmfeat.tabular import RecordTable
from mmfeat.tabular.later_records import read_later_records

Given: TypeAlias = pd.DataFrame | NDArray[np.floating]
"""What there is of a modality: the columns of a record, or embeddings."""
_TABLE = Path("the table")
"""What faults name as the place of a table that is in memory."""


class LoadedRun:
    """Predict new cases with the heads of a run; made by `load_run`.

    Example:
        >>> from mmfeat import load_run
        >>> run = load_run("model")  # doctest: +SKIP
        >>> run.predict(pd.read_csv("new.csv", dtype=str))  # doctest: +SKIP
        >>> run.predict({"ct": embeddings, "clinical": records})  # doctest: +SKIP
    """

    def __init__(self, model: RunModel) -> None:
        self._model = model

    @property
    def method(self) -> str:
        """Return the method that answers."""
        return self._model.method

    @property
    def methods(self) -> tuple[str, ...]:
        """Return all methods of the folder; `load_run` takes another one of them."""
        return self._model.methods

    @property
    def modalities(self) -> tuple[str, ...]:
        """Return the names of the modalities, in order."""
        return self._model.modalities

    @property
    def targets(self) -> dict[str, tuple[str, ...]]:
        """Return the targets, each with the names of its outputs."""
        return {name: self._model.outputs(name) for name in self._model.targets}

    @property
    def widths(self) -> dict[str, int]:
        """Return how wide the embeddings of each modality are that is no record."""
        return self._model.widths

    def predict(
        self,
        cases: pd.DataFrame | Mapping[str, Given],
        *,
        level: float = 0.9,
        folder: str | Path = ".",
        cache: str | Path | None = None,
        allow_overlap: bool = False,
        case_ids: ArrayLike | None = None,
    ) -> pd.DataFrame:
        """Return a row for each case, target and output, as `mmfeat predict` writes it.

        Args:
            cases: A table as `mmfeat predict --manifest` takes it, whose scans are embedded where
                the cache lacks them; or for each modality, of which any may be left out, what there
                is of it: embeddings ``(cases, width)``, NaN throughout where a case has none, or
                for a record a table of its columns.
            level: Of the prediction sets and intervals: how often they are to hold the truth.
            folder: What paths in a table are relative to.
            cache: Folder of the features; the run's own when not given.
            allow_overlap: Predict also patients who were trained on. Arrays name no patients.
            case_ids: Names of the rows of arrays; their numbers when not given.

        Raises:
            MmfeatError: The cases cannot be read, or the run cannot answer; the message says why.
        """
        if isinstance(cases, pd.DataFrame):
            return self._predict_table(
                cases, Path(folder), cache, PredictOptions(level=level, allow_overlap=allow_overlap)
            )
        table = self._table_of(cases, case_ids)
        return predict_table(self._model, table, level=level).frame

    def _predict_table(
        self, frame: pd.DataFrame, folder: Path, cache: str | Path | None, options: PredictOptions
    ) -> pd.DataFrame:
        project = self._model.project
        if cache is not None:
            extract = project.settings.extract.model_copy(update={"cache": Path(cache).absolute()})
            settings = project.settings.model_copy(update={"extract": extract})
            project = replace(project, settings=settings)
        cases = new_cases_of(
            project,
            text_frame(frame, project.settings.cohort.missing),
            named=folder.absolute() / _TABLE,
            files={},
            needs_patients=not options.allow_overlap,
        )
        found = predict(
            self._model, cases, options=options, progress=Silent(), should_stop=lambda: False
        )
        return found.frame

    def _table_of(self, blocks: Mapping[str, Given], case_ids: ArrayLike | None) -> FeatureTable:
        """Return arrays and tables as heads take them."""
        for name in blocks:
            if name not in self.modalities:
                near = difflib.get_close_matches(str(name), self.modalities, n=1)
                hint = f"; did you mean `{near[0]}`?" if near else ""
                raise CohortError(f"the run has no modality `{name}`{hint}")
        if not blocks:
            raise CohortError(f"give at least one modality of {', '.join(self.modalities)}")
        lengths = {name: len(values) for name, values in blocks.items()}
        if len(set(lengths.values())) != 1:
            raise CohortError(f"modalities must be of the same cases, got rows {lengths}")
        n_cases = next(iter(lengths.values()))
        ids = np.arange(n_cases) if case_ids is None else np.asarray(case_ids)
        names = tuple(str(one) for one in ids)
        if len(names) != n_cases or len(set(names)) < n_cases:
            raise CohortError(f"case_ids: give {n_cases} different ones")
        vectors: dict[str, NDArray[np.float32]] = {}
        records, present = {}, []
        for name, modality in self._model.settings.modalities.items():
            if isinstance(modality, TableModality):
                records[name] = self._records(name, modality, blocks.get(name), n_cases)
                present.append(records[name].present)
            else:
                vectors[name], has = self._vectors(name, blocks.get(name), n_cases)
                present.append(has)
        return FeatureTable(
            names, names, self.modalities, vectors, records, np.stack(present, axis=1)
        )

    def _records(
        self,
        name: str,
        modality: TableModality,
        given: Given | None,
        n_cases: int,
    ) -> RecordTable:
        frame = pd.DataFrame(index=range(n_cases)) if given is None else given
        if not isinstance(frame, pd.DataFrame):
            raise CohortError(
                f"`{name}` is a record: give a table with its columns "
                f"({', '.join(modality.columns)}), not an array"
            )
        missing = self._model.settings.cohort.missing
        later = read_later_records(text_frame(frame, missing), modality.columns)
        refuse(Path(f"`{name}`"), list(later.faults))
        return embed_text_columns(self._model.project, name, modality, later.records).records

    def _vectors(
        self,
        name: str,
        given: Given | None,
        n_cases: int,
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        width = self.widths[name]
        if given is None:
            return np.zeros((n_cases, width), np.float32), np.zeros(n_cases, dtype=bool)
        values = np.asarray(given, dtype=np.float32)
        if values.shape != (n_cases, width):
            raise FeaturesError(f"`{name}` must be ({n_cases}, {width}), got {values.shape}")
        has = np.asarray(~np.isnan(values).all(axis=1))
        unsound = np.flatnonzero(~np.isfinite(values).all(axis=1) & has)
        if len(unsound):
            raise FeaturesError(
                f"`{name}`: row {unsound[0]} has NaN or infinity in some columns; an embedding is "
                "there, or NaN throughout"
            )
        return np.where(has[:, None], values, np.float32(0)), has


def load_run(folder: str | Path, *, method: str | None = None) -> LoadedRun:
    """Open a run folder, or a folder that `mmfeat export` wrote, to predict new cases.

    Args:
        folder: The folder.
        method: A method by its name in results; the run's first when not given.

    Raises:
        TrainError: It is no finished run, is damaged, or has no such method.
    """
    return LoadedRun(RunModel.open(Path(folder), method=method))
