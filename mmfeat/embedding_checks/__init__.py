"""What embeddings are like, whatever is predicted from them: arrays in, numbers out."""

from mmfeat.embedding_checks.near_duplicates import DuplicatePairs, near_duplicates
from mmfeat.embedding_checks.origins import origin_scores
from mmfeat.embedding_checks.repeats import RepeatedScans, intraclass_correlation, repeated_scans
from mmfeat.embedding_checks.spectrum import Spectrum

__all__ = [
    "DuplicatePairs",
    "RepeatedScans",
    "Spectrum",
    "intraclass_correlation",
    "near_duplicates",
    "origin_scores",
    "repeated_scans",
]
