"""The feature cache: immutable HDF5 shards in a folder named after what made the features."""

from mmfeat.cache.finding import find_cache_folders, stored_cases
from mmfeat.cache.folder import LAST_RUN_NAME, CacheFolder
from mmfeat.cache.recipe import differing_fields
from mmfeat.cache.rows import Failure, FeatureRow, ScanKey, StoredRow
from mmfeat.cache.running import Running, RunningMark, remove_dead_marks, running_marks
from mmfeat.cache.token_reading import TokensRead
from mmfeat.cache.token_rows import TOKENS_FIELD, keeps_tokens

__all__ = [
    "LAST_RUN_NAME",
    "TOKENS_FIELD",
    "CacheFolder",
    "Failure",
    "FeatureRow",
    "Running",
    "RunningMark",
    "ScanKey",
    "StoredRow",
    "TokensRead",
    "differing_fields",
    "find_cache_folders",
    "keeps_tokens",
    "remove_dead_marks",
    "running_marks",
    "stored_cases",
]
