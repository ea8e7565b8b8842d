"""Read CT volumes from NIfTI files and DICOM folders, in Hounsfield units."""

from mmfeat.volumes.points import POINTS_VERSION, PointRules
from mmfeat.volumes.reading import read_volume
from mmfeat.volumes.rules import READER_VERSION, ReadingRules
from mmfeat.volumes.source import (
    SourceStamp,
    source_sha256,
    source_stamp,
    source_stat,
    stat_change,
    stat_size_bytes,
)
from mmfeat.volumes.volume import HuArray, PointMm, ReadingNote, Volume

__all__ = [
    "POINTS_VERSION",
    "READER_VERSION",
    "HuArray",
    "PointMm",
    "PointRules",
    "ReadingNote",
    "ReadingRules",
    "SourceStamp",
    "Volume",
    "read_volume",
    "source_sha256",
    "source_stamp",
    "source_stat",
    "stat_change",
    "stat_size_bytes",
]
