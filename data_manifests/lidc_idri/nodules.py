"""Find out which marks of the four readers are of the same nodule, and rate the nodule."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import cdist, pdist

from mmfeat.public_cohorts.dicom_series import DicomSeries

from .annotations import RATINGS, Mark

FEWEST_READERS = 3
N_READERS = 4
_SHRINK, _SMALLEST_MM = 0.9, 0.1
_MALIGNANT_FROM, _BENIGN_TO = 4, 2


@dataclass(frozen=True)
class Nodule:
    """Hold one nodule as its readers saw it; places are left, posterior, superior, in mm."""

    n_readers: int
    point_mm: tuple[float, float, float]
    """Mean of the middles of its marks."""
    diameter_mm: float
    """Largest distance within a slice; mean over its marks."""
    height_mm: float
    """From its lowest to its highest slice; mean over its marks."""
    malignancy: tuple[int, ...]
    """Each reader's rating, the lowest first."""
    attributes: dict[str, float]
    """Means of the other ratings."""

    @property
    def median(self) -> float:
        """Median of the ratings of malignancy."""
        return float(np.median(self.malignancy))

    @property
    def label(self) -> str | None:
        """1 where the median is 4 or more, 0 where it is 2 or less, None between the two."""
        if self.median >= _MALIGNANT_FROM:
            return "1"
        return "0" if self.median <= _BENIGN_TO else None


def nodules_of(marks: Sequence[Mark], series: DicomSeries) -> list[Nodule] | None:
    """Return the nodules of a scan from low to high, None where marks cannot be told apart.

    The rule is pylidc's (``cluster_annotations``): marks are of one nodule where the smallest
    distance between their outlines is at most the thickness of a slice; where a nodule would get
    more than four marks, the distance is made smaller by a tenth until it does not, down to
    0.1 mm.

    NOTE: pylidc measures in voxels and compares with mm; we measure in mm. In 2 of the 1,018 scans
    nodules differ.
    """
    if not marks:
        return []
    placed = [_placed(mark, series) for mark in marks]
    groups = _groups([np.vstack(outlines) for outlines in placed], series.slice_mm)
    if groups is None:
        return None
    found = [_nodule([marks[at] for at in group], [placed[at] for at in group]) for group in groups]
    return sorted(found, key=lambda nodule: nodule.point_mm[::-1])


def _placed(mark: Mark, series: DicomSeries) -> list[NDArray[np.float64]]:
    """Return the outlines of a mark in mm."""
    rows, columns = np.array(series.orientation).reshape(2, 3)
    between_rows, between_columns = series.pixel_mm
    origin = np.array(series.position_mm)
    placed = []
    for outline in mark.outlines:
        place = (
            origin
            + outline[:, :1] * between_columns * rows
            + outline[:, 1:2] * between_rows * columns
        )
        place[:, 2] = outline[:, 2]  # the slice's own height; the origin is that of another one
        placed.append(place)
    return placed


def _groups(points: Sequence[NDArray[np.float64]], within_mm: float) -> list[list[int]] | None:
    distances = {
        (one, other): _distance(points[one], points[other], within_mm)
        for one, other in combinations(range(len(points)), 2)
    }
    while True:
        near = [pair for pair, distance in distances.items() if distance <= within_mm]
        ends = np.array(near, dtype=int).reshape(-1, 2)
        links = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), (len(points),) * 2)
        n_groups, of = connected_components(links, directed=False)
        groups = [np.flatnonzero(of == number).tolist() for number in range(n_groups)]
        if all(len(group) <= N_READERS for group in groups):
            return groups
        within_mm *= _SHRINK
        if within_mm < _SMALLEST_MM:
            return None


def _distance(one: NDArray[np.float64], other: NDArray[np.float64], within_mm: float) -> float:
    """Return the smallest distance of two clouds of points, or a lower bound that is too far."""
    gap = np.maximum(one.min(0) - other.max(0), other.min(0) - one.max(0)).clip(0)
    apart = float(np.linalg.norm(gap))
    return apart if apart > within_mm else float(cdist(one, other).min())


def _nodule(marks: Sequence[Mark], placed: Sequence[list[NDArray[np.float64]]]) -> Nodule:
    middles = [np.vstack(outlines).mean(axis=0) for outlines in placed]
    x, y, z = np.mean(middles, axis=0).tolist()
    across = [max(float(pdist(outline).max()) for outline in outlines) for outlines in placed]
    heights = [float(np.ptp([outline[0, 2] for outline in outlines])) for outlines in placed]
    return Nodule(
        n_readers=len({mark.reader for mark in marks}),
        point_mm=(x, y, z),
        diameter_mm=float(np.mean(across)),
        height_mm=float(np.mean(heights)),
        malignancy=tuple(sorted(mark.ratings["malignancy"] for mark in marks)),
        attributes={
            name: float(np.mean([mark.ratings[name] for mark in marks]))
            for name in RATINGS
            if name != "malignancy"
        },
    )
