"""Which features are held in memory, and which stay in files."""

from mmfeat.config.loading import Project
from mmfeat.memory_budget import allotted_bytes
from mmfeat.size_in_words import size_in_words
from mmfeat.tabular.stored_vectors import StoredVectors

_SHARE_BY_DEFAULT = 0.5
_COPIES = 4
"""Training holds the features of all cases, scaled ones, and those of the parts of a fold."""


def most_bytes(project: Project) -> float:
    """Return how large the features of one modality may be to be held in memory."""
    chosen_gb = project.settings.train.memory_gb
    allowed = _SHARE_BY_DEFAULT * allotted_bytes() if chosen_gb is None else chosen_gb * 1e9
    return allowed / _COPIES


def stays_in_files(name: str, vectors: StoredVectors) -> str:
    """Say in a sentence that a modality is read as it is needed."""
    n_cases, width = vectors.shape
    size = size_in_words(n_cases * width * 4)
    return (
        f"`{name}`: features of {n_cases:,} cases ({size}) stay in the cache and are read as they "
        "are needed, because of `train.memory_gb`"
    )
