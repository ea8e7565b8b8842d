"""The feature cache: immutable HDF5 shards in a folder named after what made the features."""

from mmfeat.cache.folder import CacheFolder
from mmfeat.cache.rows import Failure, FeatureRow, StoredRow

__all__ = ["CacheFolder", "Failure", "FeatureRow", "StoredRow"]
