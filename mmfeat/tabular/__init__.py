"""Clinical records and embeddings made elsewhere: read, checked, and turned into numbers."""

from mmfeat.tabular.embedding_checks import Embeddings
from mmfeat.tabular.embeddings import read_embeddings
from mmfeat.tabular.encoder import RecordEncoder
from mmfeat.tabular.identifiers import identifier_faults
from mmfeat.tabular.reading import read_records
from mmfeat.tabular.records import RecordColumn, RecordTable

__all__ = [
    "Embeddings",
    "RecordColumn",
    "RecordEncoder",
    "RecordTable",
    "identifier_faults",
    "read_embeddings",
    "read_records",
]
