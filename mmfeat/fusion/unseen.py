"""What was answered of validation cases by models that did not learn from them.

Methods that choose by inner folds learn from the training and the validation part alike, so that
their finished head cannot be asked about a validation case. Whatever is chosen or fitted after
training, as a threshold or a temperature, takes these answers instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from mmfeat.errors import TrainError
from mmfeat.fusion.fold_data import FoldData
from mmfeat.fusion.modality_sets import Members, members_of, name_of, sets_of
from mmfeat.provenance import written_atomically
from mmfeat.tensor_writing import save_arrays

Array = NDArray[np.float64]
UNSEEN_FILE = "unseen.safetensors"


@dataclass(frozen=True, eq=False)
class UnseenAnswers:
    """Hold answers of validation cases for each set of modalities.

    Shape:
        - ``rows``: ``(cases,)``, row numbers of the fold, rising.
        - ``answers``: for each set ``(cases, outputs)``, NaN where the case lacks some of it.
    """

    rows: NDArray[np.int64]
    answers: Mapping[Members, Array]

    @classmethod
    def nothing(cls) -> "UnseenAnswers":
        """Return what is known of a head that kept nothing, as those of earlier versions."""
        return cls(np.empty(0, np.int64), {})

    @classmethod
    def of_learnt(
        cls, data: FoldData, learnt: NDArray[np.int64], answers: Mapping[Members, Array]
    ) -> "UnseenAnswers":
        """Keep the validation part of the answers of all cases that were learnt from.

        Shape:
            - ``learnt``: ``(learnt,)``, row numbers; ``answers``: for each set ``(learnt,
              outputs)``.
        """
        of_validation = np.isin(learnt, data.val)
        present = data.present[learnt[of_validation]]
        kept = {}
        for members, values in answers.items():
            whole = np.asarray(present[:, list(members)].all(axis=1))
            kept[members] = np.where(whole[:, None], values[of_validation], np.nan)
        return cls(learnt[of_validation], kept)

    def of(self, rows: NDArray[np.int64], visible: NDArray[np.bool_], n_outputs: int) -> Array:
        """Return what is known of some cases, NaN where nothing is: ``(cases, outputs)``.

        Shape:
            - ``rows``: ``(cases,)``; ``visible``: ``(cases, modalities)``.
        """
        found = np.full((len(rows), n_outputs), np.nan)
        places = np.searchsorted(self.rows, rows)
        known = np.isin(rows, self.rows)
        for members, positions in sets_of(visible):
            if members in self.answers:
                wanted = positions[known[positions]]
                found[wanted] = self.answers[members][places[wanted]]
        return found

    def save(self, folder: Path) -> None:
        """Write ``unseen.safetensors``."""
        arrays: dict[str, NDArray[Any]] = {"rows": self.rows}
        arrays |= {
            f"answers:{name_of(members)}": values for members, values in self.answers.items()
        }
        with written_atomically(folder / UNSEEN_FILE) as partial:
            save_arrays(arrays, partial)

    @classmethod
    def load(cls, folder: Path) -> "UnseenAnswers":
        """Read what `save` wrote; nothing is known where the file is not there.

        Raises:
            TrainError: It is torn.
        """
        path = folder / UNSEEN_FILE
        if not path.is_file():
            return cls.nothing()
        try:
            arrays = load_file(path)
        except (OSError, SafetensorError) as error:
            raise TrainError(
                f"{path}: cannot be read ({error}); train again with --overwrite"
            ) from error
        rows = arrays.pop("rows")
        return cls(
            rows,
            {members_of(name.removeprefix("answers:")): values for name, values in arrays.items()},
        )
