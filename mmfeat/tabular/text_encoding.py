"""How a column of embedded texts becomes few numbers, once fitted to the training part."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mmfeat.config.base import StrictModel
from mmfeat.errors import RecordError
from mmfeat.tabular.principal_components import PrincipalComponents
from mmfeat.tabular.records import RecordColumn, TextVectors


class TextEncoding(StrictModel):
    """Encode a text as the principal components of its vector, and a flag for unknown.

    An unknown text is the mean of the training part's, 0.
    """

    kind: Literal["text"] = "text"
    name: str
    model: str
    """Digest of the sentence encoder; only its vectors can be encoded."""
    space: PrincipalComponents

    @classmethod
    def fit(cls, name: str, column: RecordColumn) -> "TextEncoding":
        """Find the components of the training part's known texts."""
        vectors = _embedded(name, column)
        space = PrincipalComponents.fit(vectors.values[column.known])
        return cls(name=name, model=vectors.model, space=space)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the encoded columns."""
        numbers = (f"{self.name}:{number}" for number in range(1, self.space.n_kept + 1))
        return *numbers, f"{self.name}:missing"

    @property
    def is_indicator(self) -> tuple[bool, ...]:
        """Say which encoded columns are yes or no."""
        return (*[False] * self.space.n_kept, True)

    @property
    def unknown(self) -> tuple[float, ...]:
        """What an unknown cell is encoded as."""
        return (*[0.0] * self.space.n_kept, 1.0)

    def encode(self, column: RecordColumn) -> NDArray[np.float64]:
        """Return ``(cases, kept + 1)``.

        Raises:
            RecordError: The texts were embedded by another sentence encoder.
        """
        vectors = _embedded(self.name, column)
        if vectors.model != self.model:
            raise RecordError(
                f"column `{self.name}`: its texts are embedded by another sentence encoder than at "
                "training; give the `model` of then, or train again"
            )
        scores = self.space.project(vectors.values)
        scores[~column.known] = 0.0
        return np.hstack([scores, ~column.known[:, None]])


def _embedded(name: str, column: RecordColumn) -> TextVectors:
    if column.vectors is None:
        raise ValueError(f"column `{name}` holds texts that are not embedded yet")
    return column.vectors
