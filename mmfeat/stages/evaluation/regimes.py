"""The regimes in which a part of a fold is predicted: as cases are, and through each set."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mmfeat.fusion.views import every_view


def regimes(
    present: NDArray[np.bool_], part: NDArray[np.int64]
) -> Iterator[tuple[str, NDArray[np.int64], NDArray[np.bool_]]]:
    """Give each regime's rows of a part, and what is visible of them: ``(rows, modalities)``.

    Shape:
        - ``present``: ``(cases, modalities)``; ``part``: ``(part,)``, row numbers.
    """
    yield "natural", part, present[part]
    for view in every_view(present.shape[1]):
        complete = part[present[part][:, view].all(axis=1)]
        yield "simulated", complete, np.tile(view, (len(complete), 1))
